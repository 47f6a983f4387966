package io.idempotency.engine;

import java.util.concurrent.CompletableFuture;

/**
 * The wait of a request for a change of a record.
 *
 * @param change completes when the request should look at the record again; it must be
 * cancelled when the request stops waiting
 * @param lookNow whether to look at the record again at once, because it may have changed
 * before this instance was registered for changes
 */
public record Waiting(CompletableFuture<Void> change, boolean lookNow) {

}
