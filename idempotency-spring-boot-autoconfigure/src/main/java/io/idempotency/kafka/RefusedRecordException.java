package io.idempotency.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.listener.BatchListenerFailedException;

/**
 * Thrown when a record cannot be processed now and has to be delivered again.
 */
final class RefusedRecordException extends BatchListenerFailedException {

	private final transient ConsumerRecord<?, ?> refused;

	RefusedRecordException(ConsumerRecord<?, ?> record) {
		super("The record is in progress elsewhere, or the store does not answer. It will be delivered again:", record);
		this.refused = record;
	}

	ConsumerRecord<?, ?> refused() {
		return this.refused;
	}

	/**
	 * Returns the refusal among an exception and its causes, or {@code null}.
	 */
	static @Nullable RefusedRecordException in(Throwable thrown) {
		Throwable cause = thrown;
		for (int depth = 0; cause != null && depth < 20; depth++) {
			if (cause instanceof RefusedRecordException refused) {
				return refused;
			}
			cause = cause.getCause();
		}
		return null;
	}

}
