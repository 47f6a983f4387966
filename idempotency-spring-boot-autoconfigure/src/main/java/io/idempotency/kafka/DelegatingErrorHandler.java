package io.idempotency.kafka;

import java.util.Collection;
import java.util.List;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.support.TopicPartitionOffset;

/**
 * Delegates to the error handler of the application.
 */
abstract class DelegatingErrorHandler implements CommonErrorHandler {

	private final CommonErrorHandler delegate;

	private final Redelivery redelivery;

	DelegatingErrorHandler(CommonErrorHandler delegate, Redelivery redelivery) {
		this.delegate = delegate;
		this.redelivery = redelivery;
	}

	final CommonErrorHandler delegate() {
		return this.delegate;
	}

	final Redelivery redelivery() {
		return this.redelivery;
	}

	@Override
	public boolean seeksAfterHandling() {
		return this.delegate.seeksAfterHandling();
	}

	@Override
	public boolean deliveryAttemptHeader() {
		return this.delegate.deliveryAttemptHeader();
	}

	@Override
	public void handleOtherException(Exception thrown, Consumer<?, ?> consumer, MessageListenerContainer container,
			boolean batchListener) {
		this.delegate.handleOtherException(thrown, consumer, container, batchListener);
	}

	@Override
	public boolean handleOne(Exception thrown, ConsumerRecord<?, ?> record, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		return this.delegate.handleOne(thrown, record, consumer, container);
	}

	@Override
	public void handleRemaining(Exception thrown, List<ConsumerRecord<?, ?>> records, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		this.delegate.handleRemaining(thrown, records, consumer, container);
	}

	@Override
	public void handleBatch(Exception thrown, ConsumerRecords<?, ?> batch, Consumer<?, ?> consumer,
			MessageListenerContainer container, Runnable invokeListener) {
		this.delegate.handleBatch(thrown, batch, consumer, container, invokeListener);
	}

	@Override
	public <K, V> ConsumerRecords<K, V> handleBatchAndReturnRemaining(Exception thrown, ConsumerRecords<?, ?> batch,
			Consumer<?, ?> consumer, MessageListenerContainer container, Runnable invokeListener) {
		return this.delegate.handleBatchAndReturnRemaining(thrown, batch, consumer, container, invokeListener);
	}

	@Override
	public int deliveryAttempt(TopicPartitionOffset record) {
		return this.delegate.deliveryAttempt(record);
	}

	@Override
	public void clearThreadState() {
		this.delegate.clearThreadState();
		this.redelivery.clearThreadState();
	}

	@Override
	public boolean isAckAfterHandle() {
		return this.delegate.isAckAfterHandle();
	}

	@Override
	public void setAckAfterHandle(boolean ack) {
		this.delegate.setAckAfterHandle(ack);
	}

	@Override
	public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions,
			Runnable publishPause) {
		this.delegate.onPartitionsAssigned(consumer, partitions, publishPause);
	}

}
