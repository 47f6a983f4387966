package io.idempotency.engine;

import io.idempotency.store.RecordKey;

/**
 * A step of a handler, method or listener whose result is stored.
 *
 * @param recordKey the key of the record that contains the step
 * @param operation the name of what takes the step, such as {@code POST /orders}
 * @param entry how the request entered the application
 * @param step the name of the step
 * @param resumed whether an earlier attempt has taken the step, so that its work did not
 * run
 */
public record StepEvent(RecordKey recordKey, String operation, Entry entry, String step, boolean resumed) {

}
