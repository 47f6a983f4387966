package io.idempotency.engine;

import io.idempotency.store.RecordKey;

/**
 * A step of a handler, a method or a listener whose result is kept.
 *
 * @param recordKey the record that keeps it
 * @param operation names what takes the step, such as {@code POST /orders}
 * @param entry how the request came into the application
 * @param step the name of the step
 * @param resumed whether an earlier attempt has taken it, so that its work did not run
 */
public record StepEvent(RecordKey recordKey, String operation, Entry entry, String step, boolean resumed) {

}
