package io.idempotency.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.testing.Worker;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.FixedBackOff;

import static org.awaitility.Awaitility.await;

/**
 * An application with listeners, whose error handler tries a record three times and then
 * puts it aside.
 */
final class Consumers implements AutoCloseable {

	static final int ATTEMPTS = 3;

	private final Worker worker;

	private final Aside aside;

	private final Events events;

	private Consumers(Worker worker) {
		this.worker = worker;
		this.aside = worker.bean(Aside.class);
		this.events = worker.bean(Events.class);
	}

	static Consumers start(Class<?> configuration, String... properties) {
		return new Consumers(Worker.start(List.of(configuration, ErrorHandling.class),
				Stream.of(Broker.properties(), new String[] { "idempotency.store=memory" }, properties)
					.flatMap(Arrays::stream)
					.toArray(String[]::new)));
	}

	<T> T bean(Class<T> type) {
		return this.worker.bean(type);
	}

	/**
	 * Sends a record without headers.
	 */
	void send(String topic, int partition, @Nullable String value) {
		send(new ProducerRecord<>(topic, partition, null, value));
	}

	/**
	 * Sends a record with an idempotency key.
	 */
	void send(String topic, int partition, String key, @Nullable String value) {
		ProducerRecord<String, String> record = new ProducerRecord<>(topic, partition, null, value);
		record.headers().add("Idempotency-Key", key.getBytes(StandardCharsets.UTF_8));
		send(record);
	}

	@SuppressWarnings("unchecked")
	void send(ProducerRecord<String, String> record) {
		KafkaTemplate<String, String> template = this.worker.bean(KafkaTemplate.class);
		template.setAllowNonTransactional(true);
		template.send(record).join();
	}

	void startListener(String id) {
		Objects.requireNonNull(this.worker.bean(KafkaListenerEndpointRegistry.class).getListenerContainer(id)).start();
	}

	/**
	 * Waits until a group has acknowledged so many records of a partition.
	 */
	void awaitAcknowledged(String group, String topic, int partition, long records) {
		await().atMost(Duration.ofSeconds(20)).until(() -> Broker.acknowledged(group, topic, partition) >= records);
	}

	/**
	 * Returns the records of a topic that were put aside.
	 */
	List<Failed> aside(String topic) {
		return this.aside.records.stream().filter((failed) -> failed.record().topic().equals(topic)).toList();
	}

	long count(String operation, RequestOutcome outcome) {
		return this.events.count(operation, outcome);
	}

	List<Entry> entries(String operation) {
		return this.events.events.stream()
			.filter((event) -> event.operation().endsWith(operation))
			.map(IdempotencyEvent::entry)
			.distinct()
			.toList();
	}

	@Override
	public void close() {
		this.worker.close();
	}

	record Failed(ConsumerRecord<?, ?> record, Exception exception) {

		@Nullable Throwable rootCause() {
			Throwable cause = this.exception;
			while (cause.getCause() != null) {
				cause = cause.getCause();
			}
			return cause;
		}

	}

	static final class Aside {

		private final List<Failed> records = new CopyOnWriteArrayList<>();

	}

	static final class Events implements IdempotencyListener {

		private final List<IdempotencyEvent> events = new CopyOnWriteArrayList<>();

		@Override
		public void onRequest(IdempotencyEvent event) {
			this.events.add(event);
		}

		long count(String operation, RequestOutcome outcome) {
			return this.events.stream()
				.filter((event) -> event.operation().endsWith(operation) && event.outcome() == outcome)
				.count();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ErrorHandling {

		@Bean
		Aside aside() {
			return new Aside();
		}

		@Bean
		Events events() {
			return new Events();
		}

		@Bean
		DefaultErrorHandler errorHandler(Aside aside) {
			return new DefaultErrorHandler((record, exception) -> aside.records.add(new Failed(record, exception)),
					new FixedBackOff(0, ATTEMPTS - 1));
		}

	}

}
