package io.idempotency.kafka;

import java.util.List;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Lets refused records come again, and leaves what the listener throws to the
 * application's error handler.
 */
final class RecordErrorHandler extends DelegatingErrorHandler {

	private final BooleanSupplier refused;

	/**
	 * Creates an error handler.
	 * @param delegate the application's
	 * @param redelivery lets records come again
	 * @param refused says whether the record whose failure the calling thread is about to
	 * handle was refused
	 */
	RecordErrorHandler(CommonErrorHandler delegate, Redelivery redelivery, BooleanSupplier refused) {
		super(delegate, redelivery);
		this.refused = refused;
	}

	/**
	 * Asked before the error is handled. One that seeks gets the records behind, too.
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
