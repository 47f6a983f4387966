package io.idempotency.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.listener.BackOffHandler;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.util.backoff.FixedBackOff;

/**
 * Lets records that were refused come again: the consumer goes back to them, and their
 * partition is paused for a while. Other partitions go on, and the consumer keeps
 * polling.
 */
final class Redelivery implements DisposableBean {

	private static final Log logger = LogFactory.getLog(Redelivery.class);

	private final Duration delay;

	private final ScheduledThreadPoolExecutor timer;

	/**
	 * Goes back to records without end and without waiting.
	 */
	private final DefaultErrorHandler seeker;

	Redelivery(Duration delay) {
		this.delay = delay;
		this.timer = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "idempotency-kafka");
			thread.setDaemon(true);
			return thread;
		});
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.seeker = new DefaultErrorHandler(null, new FixedBackOff(0, FixedBackOff.UNLIMITED_ATTEMPTS),
				new NoWaiting());
		this.seeker.setClassifications(Map.of(), true);
		this.seeker.setLogLevel(KafkaException.Level.DEBUG);
	}

	/**
	 * Goes back to the first of some records, which was refused, and to the others.
	 * @throws RuntimeException always, which tells the container not to acknowledge it
	 */
	void later(RefusedRecordException refusal, List<ConsumerRecord<?, ?>> records, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		pause(refusal, container);
		this.seeker.handleRemaining(refusal, records, consumer, container);
	}

	/**
	 * Acknowledges the records of a batch before the one that was refused, and goes back
	 * to that and to the others.
	 * @throws RuntimeException always, which tells the container not to acknowledge it
	 */
	void later(RefusedRecordException refusal, ConsumerRecords<?, ?> batch, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		pause(refusal, container);
		this.seeker.handleBatch(refusal, batch, consumer, container, () -> {
		});
	}

	/**
	 * Whoever else has paused the partition says when it goes on.
	 */
	private void pause(RefusedRecordException refusal, MessageListenerContainer container) {
		TopicPartition partition = partition(refusal.refused());
		logger.debug(refusal.getMessage());
		if (!container.isPartitionPauseRequested(partition)) {
			container.pausePartition(partition);
			this.timer.schedule(() -> container.resumePartition(partition), this.delay.toNanos(), TimeUnit.NANOSECONDS);
		}
	}

	static TopicPartition partition(ConsumerRecord<?, ?> record) {
		return new TopicPartition(record.topic(), record.partition());
	}

	void clearThreadState() {
		this.seeker.clearThreadState();
	}

	@Override
	public void destroy() {
		this.timer.shutdownNow();
	}

	/**
	 * The partition is paused instead of the thread.
	 */
	private static final class NoWaiting implements BackOffHandler {

		@Override
		public void onNextBackOff(@Nullable MessageListenerContainer container, @Nullable Exception exception,
				long nextBackOff) {
		}

	}

}
