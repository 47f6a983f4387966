package io.idempotency.engine;

import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * What became of one request: an HTTP request, a call of a method, or a message.
 *
 * @param outcome what became of it
 * @param recordKey the record of its key, or {@code null} if it has no valid key
 * @param operation names what it called, such as {@code POST /payments}
 * @param entry how it came into the application
 */
public record IdempotencyEvent(RequestOutcome outcome, @Nullable RecordKey recordKey, String operation, Entry entry) {

}
