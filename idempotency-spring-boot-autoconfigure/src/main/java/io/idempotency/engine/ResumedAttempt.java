package io.idempotency.engine;

import io.idempotency.store.RecordKey;

/**
 * A request that continues after the steps of an earlier request with its key, which has
 * failed or was interrupted.
 *
 * @param recordKey the key of the record that contains the steps
 * @param operation the name of what the request calls, such as {@code POST /orders}
 * @param entry how the request entered the application
 * @param steps the number of stored steps
 */
public record ResumedAttempt(RecordKey recordKey, String operation, Entry entry, int steps) {

}
