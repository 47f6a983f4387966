package io.idempotency.kafka;

import java.util.List;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Makes the container deliver refused records again, and passes exceptions of the
 * listener to the application's error handler.
 */
final class RecordErrorHandler extends DelegatingErrorHandler {

	private final BooleanSupplier refused;

	/**
	 * Creates an error handler.
	 * @param delegate the error handler of the application
	 * @param redelivery delivers refused records again
	 * @param refused returns whether the record whose failure the calling thread is about
	 * to handle was refused
	 */
	RecordErrorHandler(CommonErrorHandler delegate, Redelivery redelivery, BooleanSupplier refused) {
		super(delegate, redelivery);
		this.refused = refused;
	}

	/**
	 * Returns {@code true} for a refused record, because an error handler that seeks also
	 * gets the records after it. The container calls this method before the error is
	 * handled.
	 */
	@Override
	public boolean seeksAfterHandling() {
		return this.refused.getAsBoolean() || super.seeksAfterHandling();
	}

	@Override
	public void handleRemaining(Exception thrown, List<ConsumerRecord<?, ?>> records, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		RefusedRecordException refusal = RefusedRecordException.in(thrown);
		if (refusal != null) {
			redelivery().later(refusal, records, consumer, container);
		}
		else {
			super.handleRemaining(thrown, records, consumer, container);
		}
	}

}
