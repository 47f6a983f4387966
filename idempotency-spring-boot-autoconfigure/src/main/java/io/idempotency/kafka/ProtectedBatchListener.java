package io.idempotency.kafka;

import java.util.List;
import java.util.function.Supplier;

import io.idempotency.method.MessageClaims;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.listener.BatchAcknowledgingConsumerAwareMessageListener;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.adapter.AbstractDelegatingMessageListenerAdapter;
import org.springframework.kafka.support.Acknowledgment;

/**
 * Passes those records of a batch to the listener that were not processed before.
 *
 * @param <K> the type of keys of records
 * @param <V> the type of values of records
 */
final class ProtectedBatchListener<K, V> extends AbstractDelegatingMessageListenerAdapter<BatchMessageListener<K, V>>
		implements BatchAcknowledgingConsumerAwareMessageListener<K, V> {

	private final Supplier<MessageClaims> claims;

	private final BatchCut cut;

	ProtectedBatchListener(BatchMessageListener<K, V> delegate, Supplier<MessageClaims> claims, BatchCut cut) {
		super(delegate);
		this.claims = claims;
		this.cut = cut;
	}

	@Override
	public boolean wantsPollResult() {
		return this.delegate.wantsPollResult();
	}

	@Override
	public void onMessage(List<ConsumerRecord<K, V>> records, @Nullable Acknowledgment acknowledgment,
			@Nullable Consumer<?, ?> consumer) {
		new BatchTurn<>(this.claims.get(), records, acknowledgment, this.cut)
			.run((claimed, guarded) -> this.delegate.onMessage(claimed, guarded, consumer));
	}

	@Override
	public void onMessage(ConsumerRecords<K, V> batch, @Nullable Acknowledgment acknowledgment,
			Consumer<K, V> consumer) {
		new BatchTurn<>(this.claims.get(), Batches.list(batch), acknowledgment, this.cut)
			.run((claimed, guarded) -> this.delegate.onMessage(Batches.of(claimed), guarded, consumer));
	}

}
