package io.idempotency.engine;

import java.util.concurrent.CompletableFuture;

/**
 * What a request waits for.
 *
 * @param change completed when it is time to look at the record again; to be cancelled
 * when the request waits no more
 * @param lookNow whether to look once more at once, since the record may have changed
 * before anybody listened
 */
public record Waiting(CompletableFuture<Void> change, boolean lookNow) {

}
