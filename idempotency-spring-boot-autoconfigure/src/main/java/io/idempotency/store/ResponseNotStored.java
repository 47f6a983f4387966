package io.idempotency.store;

/**
 * The first request has run and its response reached the client, but was too long or was
 * streamed, so that it cannot be replayed.
 */
public record ResponseNotStored() implements Outcome {

}
