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
 * Delivers refused records again: the consumer seeks back to them, and their partition is
 * paused for the configured delay. Other partitions continue, and the consumer keeps
 * polling.
 */
final class Redelivery implements DisposableBean {

	private static final Log logger = LogFactory.getLog(Redelivery.class);

	private final Duration delay;

	private final ScheduledThreadPoolExecutor timer;

	/**
	 * Seeks back to records any number of times and without waiting.
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
	 * Seeks back to the given records, the first of which was refused.
	 * @throws RuntimeException always, so that the container does not acknowledge it
	 */
	void later(RefusedRecordException refusal, List<ConsumerRecord<?, ?>> records, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		pause(refusal, container);
		this.seeker.handleRemaining(refusal, records, consumer, container);
	}

	/**
	 * Acknowledges the records of a batch before the refused one, and seeks back to the
	 * refused one and those after it.
	 * @throws RuntimeException always, so that the container does not acknowledge it
	 */
	void later(RefusedRecordException refusal, ConsumerRecords<?, ?> batch, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		pause(refusal, container);
		this.seeker.handleBatch(refusal, batch, consumer, container, () -> {
		});
	}

	/**
	 * Pauses the partition of a refused record. If other code has already paused it, that
	 * code also decides when it is resumed.
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
	 * Does not wait, because the partition is paused instead of the thread.
	 */
	private static final class NoWaiting implements BackOffHandler {

		@Override
		public void onNextBackOff(@Nullable MessageListenerContainer container, @Nullable Exception exception,
				long nextBackOff) {
		}

	}

}
