package io.idempotency.engine;

import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one request: an HTTP request, a method call, or a message.
 *
 * @param outcome how the request was handled
 * @param recordKey the key of the record, or {@code null} if the request has no valid key
 * @param operation the name of what the request called, such as {@code POST /payments}
 * @param entry how the request entered the application
 */
public record IdempotencyEvent(RequestOutcome outcome, @Nullable RecordKey recordKey, String operation, Entry entry) {

}
