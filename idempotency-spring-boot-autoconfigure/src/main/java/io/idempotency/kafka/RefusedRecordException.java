package io.idempotency.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.listener.BatchListenerFailedException;

/**
 * Says that a record cannot be processed now, and is to come again.
 */
final class RefusedRecordException extends BatchListenerFailedException {

	private final transient ConsumerRecord<?, ?> refused;

	RefusedRecordException(ConsumerRecord<?, ?> record) {
		super("In progress elsewhere, or the idempotency store does not answer; it comes again later:", record);
		this.refused = record;
	}

	ConsumerRecord<?, ?> refused() {
		return this.refused;
	}

	/**
	 * Returns the refusal among the causes of an exception.
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
