package io.idempotency.engine;

import io.idempotency.store.RecordKey;

/**
 * A request that goes on where an earlier one with its key has failed or was cut off.
 *
 * @param recordKey the record that keeps the steps
 * @param operation names what it calls, such as {@code POST /orders}
 * @param entry how it came into the application
 * @param steps how many steps there are
 */
public record ResumedAttempt(RecordKey recordKey, String operation, Entry entry, int steps) {

}
