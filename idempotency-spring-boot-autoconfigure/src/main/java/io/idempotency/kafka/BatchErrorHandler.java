package io.idempotency.kafka;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Lets a batch that was cut off go on at the record that was refused. What the listener
 * throws is left to the application's error handler, for the records that the listener
 * was given: it must not recover others.
 */
final class BatchErrorHandler extends DelegatingErrorHandler {

	private final BatchCut cut;

	BatchErrorHandler(CommonErrorHandler delegate, Redelivery redelivery, BatchCut cut) {
		super(delegate, redelivery);
		this.cut = cut;
	}

	/**
	 * Asked before the error is handled. Only one that does not seek may say that a part
	 * of the batch remains.
	 */
	@Override
	public boolean seeksAfterHandling() {
		return false;
	}

	@Override
	public <K, V> ConsumerRecords<K, V> handleBatchAndReturnRemaining(Exception thrown, ConsumerRecords<?, ?> batch,
			Consumer<?, ?> consumer, MessageListenerContainer container, Runnable invokeListener) {
		try {
			RefusedRecordException refusal = RefusedRecordException.in(thrown);
			if (refusal != null) {
				redelivery().later(refusal, batch, consumer, container);
				return ConsumerRecords.empty();
			}
			return handle(thrown, batch, consumer, container, invokeListener);
		}
		finally {
			this.cut.end();
		}
	}

	@SuppressWarnings("unchecked")
	private <K, V> ConsumerRecords<K, V> handle(Exception thrown, ConsumerRecords<?, ?> batch, Consumer<?, ?> consumer,
			MessageListenerContainer container, Runnable invokeListener) {
		List<ConsumerRecord<K, V>> records = Batches.list((ConsumerRecords<K, V>) batch);
		int length = this.cut.lengthOf(records);
		ConsumerRecords<?, ?> given = (length == records.size()) ? batch : Batches.of(records.subList(0, length));
		Map<TopicPartition, Long> positions = goBack(records.subList(length, records.size()), consumer);
		ConsumerRecords<K, V> remaining = this.cut
			.handle(() -> delegateHandles(thrown, given, consumer, container, invokeListener));
		positions.keySet().retainAll(consumer.assignment());
		positions.forEach(consumer::seek);
		List<ConsumerRecord<K, V>> all = new ArrayList<>(Batches.list(remaining));
		all.addAll(records.subList(this.cut.lengthOf(records), records.size()));
		return all.isEmpty() ? ConsumerRecords.empty() : Batches.of(all);
	}

	private <K, V> ConsumerRecords<K, V> delegateHandles(Exception thrown, ConsumerRecords<?, ?> batch,
			Consumer<?, ?> consumer, MessageListenerContainer container, Runnable invokeListener) {
		if (!delegate().seeksAfterHandling()) {
			return delegate().handleBatchAndReturnRemaining(thrown, batch, consumer, container, invokeListener);
		}
		delegate().handleBatch(thrown, batch, consumer, container, invokeListener);
		return ConsumerRecords.empty();
	}

	/**
	 * Goes back to records that the listener was not given. An error handler that goes
	 * back further throws; after one that returns, they remain.
	 * @return where the consumer was
	 */
	private static Map<TopicPartition, Long> goBack(List<? extends ConsumerRecord<?, ?>> records,
			Consumer<?, ?> consumer) {
		Map<TopicPartition, Long> positions = new HashMap<>();
		for (ConsumerRecord<?, ?> record : records) {
			TopicPartition partition = Redelivery.partition(record);
			if (!positions.containsKey(partition) && consumer.assignment().contains(partition)) {
				positions.put(partition, consumer.position(partition));
				consumer.seek(partition, record.offset());
			}
		}
		return positions;
	}

}
