package io.idempotency.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.method.IdempotencyOperations;
import io.idempotency.testing.BreakableStore;
import io.idempotency.testing.HeldKey;
import io.idempotency.testing.Runs;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ConsumerSeekAware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * V2: records that cannot be processed now come again, whether the container has a
 * transaction manager or not.
 */
@ParameterizedClass
@ValueSource(booleans = { false, true })
class KafkaRedeliveryIntegrationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final Duration LEASE = Duration.ofSeconds(1);

	private static final AtomicInteger NEXT_TOPIC = new AtomicInteger();

	private static volatile Runs runs = new Runs();

	private static volatile int revoked;

	@Parameter
	private boolean transactional;

	private final String topic = "redelivery-" + NEXT_TOPIC.incrementAndGet();

	private @Nullable Consumers started;

	private void start(String... properties) {
		Broker.createTopic(this.topic, 3);
		runs = new Runs();
		revoked = 0;
		this.started = Consumers
			.start(Listening.class,
					Stream
						.concat(Stream.of("topic=" + this.topic,
								"idempotency.lease-duration=" + LEASE.toMillis() + "ms",
								this.transactional ? "spring.kafka.producer.transaction-id-prefix=" + this.topic
										: "spring.kafka.producer.acks=all"),
								Stream.of(properties))
						.toArray(String[]::new));
	}

	@AfterEach
	void stop() {
		await().until(() -> consumers().bean(IdempotencyEngine.class).leasesHeld() == 0);
		assertThat(consumers().aside(this.topic)).as("not one counts as a failure").isEmpty();
		consumers().close();
	}

	@Test
	void comesBackWhenKeyIsFreeWhileOtherPartitionsGoOn() {
		start();
		HeldKey held = hold("held");
		send(0, "held");
		send(0, "behind");
		awaitRefusals(RequestOutcome.IN_PROGRESS, 5);
		send(1, "other");
		awaitRun("other");
		assertThat(runs.count("held")).isZero();
		assertThat(runs.count("behind")).isZero();
		assertThat(Broker.acknowledged("tests", this.topic, 0)).isZero();
		held.fail();
		awaitRun("behind");
		assertThat(runs.count("held")).isOne();
	}

	@Test
	void isAcknowledgedWhenTheOtherCallSucceeded() {
		start();
		HeldKey held = hold("held");
		send(0, "held");
		awaitRefusals(RequestOutcome.IN_PROGRESS, 2);
		held.complete();
		consumers().awaitAcknowledged("tests", this.topic, 0, 1);
		assertThat(runs.count("held")).isZero();
		assertThat(consumers().count("pay", RequestOutcome.REPLAY)).isOne();
	}

	@Test
	void losesNothingWhileStoreIsAway() {
		start();
		BreakableStore store = consumers().bean(BreakableStore.class);
		store.away(true);
		List<String> values = Stream.iterate(0, (i) -> i + 1).limit(15).map((i) -> "payment-" + i).toList();
		values.forEach((value) -> send(value.hashCode() & 1, value));
		awaitRefusals(RequestOutcome.STORE_UNAVAILABLE, 20);
		assertThat(values).allMatch((value) -> runs.count(value) == 0);
		store.away(false);
		values.forEach((value) -> awaitRun(value));
	}

	/**
	 * A consumer that does not poll for longer than it may loses its partitions.
	 */
	@Test
	void staysInItsGroupWhileItWaits() {
		start("idempotency.kafka.retry-delay=5s", "spring.kafka.consumer.properties.max.poll.interval.ms=2500");
		HeldKey held = hold("held");
		send(0, "held");
		awaitRefusals(RequestOutcome.IN_PROGRESS, 2);
		assertThat(revoked).isZero();
		held.complete();
	}

	@Test
	void runsOnceWhenWorkTakesThreeLeasesAndDuplicateComesAllTheTime() {
		start("spring.kafka.listener.concurrency=3");
		// A consumer that is at work does not let partitions be assigned anew.
		await().atMost(PATIENCE).until(this::hasEachConsumerOnePartition);
		send(0, "slow");
		await().atMost(PATIENCE).until(() -> runs.count("slow begun") == 1);
		send(1, "slow");
		send(2, "other");
		awaitRun("other");
		awaitRun("slow");
		consumers().awaitAcknowledged("tests", this.topic, 1, 1);
		assertThat(runs.count("slow begun")).isOne();
		assertThat(runs.count("slow")).isOne();
		assertThat(consumers().count("pay", RequestOutcome.REPLAY)).isOne();
	}

	private Consumers consumers() {
		return Objects.requireNonNull(this.started);
	}

	private boolean hasEachConsumerOnePartition() {
		return consumers().bean(KafkaListenerEndpointRegistry.class)
			.getAllListenerContainers()
			.stream()
			.flatMap((container) -> ((ConcurrentMessageListenerContainer<?, ?>) container).getContainers().stream())
			.allMatch(
					(consumer) -> Objects.requireNonNullElse(consumer.getAssignedPartitions(), List.of()).size() == 1);
	}

	private HeldKey hold(String key) {
		return HeldKey.hold(consumers().bean(IdempotencyOperations.class), "pay", key);
	}

	private void send(int partition, String value) {
		consumers().send(this.topic, partition, value, value);
	}

	private static void awaitRun(String value) {
		await().atMost(PATIENCE).untilAsserted(() -> assertThat(runs.count(value)).as(value).isOne());
	}

	private void awaitRefusals(RequestOutcome outcome, int refusals) {
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(consumers().count("pay", outcome)).isGreaterThanOrEqualTo(refusals));
	}

	static class Listeners implements ConsumerSeekAware {

		private final Consumers.Events events;

		Listeners(Consumers.Events events) {
			this.events = events;
		}

		@Idempotent(operation = "pay")
		@KafkaListener(topics = "${topic}")
		void pay(String value) {
			if (value.equals("slow")) {
				runs.next("slow begun");
				long begun = System.nanoTime();
				await().atMost(PATIENCE)
					.until(() -> System.nanoTime() - begun > LEASE.multipliedBy(3).toNanos()
							&& this.events.count("pay", RequestOutcome.IN_PROGRESS) > 10);
			}
			runs.next(value);
		}

		@Override
		public void onPartitionsRevoked(@Nullable Collection<TopicPartition> partitions) {
			revoked = Objects.requireNonNull(partitions).size();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Listeners listeners(Consumers.Events events) {
			return new Listeners(events);
		}

		@Bean
		BreakableStore breakableStore() {
			return new BreakableStore(new MemoryIdempotencyStore(1000));
		}

	}

}
