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
 * Makes the container continue at the refused record if a batch was cut off. Exceptions
 * of the listener are passed to the application's error handler, together with the
 * records that the listener was given. It does not get other records, because it must not
 * recover them.
 */
final class BatchErrorHandler extends DelegatingErrorHandler {

	private final BatchCut cut;

	BatchErrorHandler(CommonErrorHandler delegate, Redelivery redelivery, BatchCut cut) {
		super(delegate, redelivery);
		this.cut = cut;
	}

	/**
	 * Returns {@code false}, because only an error handler that does not seek may return
	 * remaining records. The container calls this method before the error is handled.
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
	 * Seeks back to the records that the listener was not given. An error handler that
	 * seeks back further throws an exception. If the error handler returns instead, the
	 * caller restores the positions and returns these records as remaining.
	 * @return the previous positions of the consumer
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
