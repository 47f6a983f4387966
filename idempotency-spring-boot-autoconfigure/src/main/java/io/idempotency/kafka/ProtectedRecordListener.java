package io.idempotency.kafka;

import io.idempotency.method.IncomingMessage.Handled;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.listener.AcknowledgingConsumerAwareMessageListener;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.kafka.listener.adapter.AbstractDelegatingMessageListenerAdapter;
import org.springframework.kafka.support.Acknowledgment;

/**
 * Passes each record to the listener as a message that has a key.
 *
 * @param <K> the type of keys of records
 * @param <V> the type of values of records
 */
final class ProtectedRecordListener<K, V> extends AbstractDelegatingMessageListenerAdapter<MessageListener<K, V>>
		implements AcknowledgingConsumerAwareMessageListener<K, V> {

	/**
	 * Set if the last record of a thread was refused. One listener may have several
	 * containers, each with a thread of its own.
	 */
	private final ThreadLocal<Boolean> refused = new ThreadLocal<>();

	ProtectedRecordListener(MessageListener<K, V> delegate) {
		super(delegate);
	}

	@Override
	public void onMessage(ConsumerRecord<K, V> record, @Nullable Acknowledgment acknowledgment,
			@Nullable Consumer<?, ?> consumer) {
		this.refused.remove();
		Acknowledgment guarded = (acknowledgment != null) ? new RecordAcknowledgment(acknowledgment) : null;
		Handled handled = KafkaMessages.of(record).handle(() -> this.delegate.onMessage(record, guarded, consumer));
		if (handled == Handled.REFUSED_FOR_NOW) {
			this.refused.set(true);
			throw new RefusedRecordException(record);
		}
		if (handled == Handled.DONE_BEFORE && acknowledgment != null) {
			acknowledgment.acknowledge();
		}
	}

	/**
	 * Returns whether the last record of the calling thread was refused for now.
	 */
	boolean hasRefused() {
		return this.refused.get() != null;
	}

}
