package io.idempotency.store;

/**
 * The first request has run, but its response or result was not stored, because it was
 * too long, was streamed, or could not be written. It cannot be replayed.
 */
public record ResponseNotStored() implements Outcome {

}
