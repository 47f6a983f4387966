package io.idempotency.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.method.IdempotencyOperations;
import io.idempotency.testing.Runs;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.listener.BatchListenerFailedException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * V2: listeners of batches, whose records have keys of their own.
 */
class KafkaBatchIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final List<Integer> SIZES = new CopyOnWriteArrayList<>();

	private static final List<String> TOPICS = List.of("payments", "partly", "wholly", "busy", "expressed");

	private static Consumers consumers;

	@BeforeAll
	static void start() {
		TOPICS.forEach((topic) -> Broker.createTopic("batch-" + topic, 2));
		consumers = Consumers.start(Listening.class, "spring.kafka.consumer.max-poll-records=100");
	}

	@AfterAll
	static void stop() {
		assertThat(consumers.bean(IdempotencyEngine.class).leasesHeld()).as("leases left").isZero();
		consumers.close();
	}

	@Test
	@DisplayName("V2: a record of a batch that was processed is taken out of the next one, and a duplicate within a batch runs once")
	void takesProcessedRecordsOut() {
		send("payments", "a", "b", "a", "c");
		start("payments", 4);
		send("payments", "c", "d", "b");
		consumers.awaitAcknowledged("tests", "batch-payments", 0, 7);
		for (String value : List.of("a", "b", "c", "d")) {
			assertThat(RUNS.count("payments " + value)).as("%s", value).isOne();
		}
		assertThat(SIZES).as("no listener is given an empty batch").isNotEmpty().doesNotContain(0);
	}

	@Test
	@DisplayName("V2: a record that fails leaves those before it completed, and frees the others")
	void completesRecordsBeforeTheOneThatFailed() {
		send("partly", "a", "b", "bad once", "c");
		start("partly", 4);
		assertThat(RUNS.count("partly a")).isOne();
		assertThat(RUNS.count("partly b")).isOne();
		assertThat(RUNS.count("partly bad once")).isEqualTo(2);
		assertThat(RUNS.count("partly c")).isPositive();
		assertThat(consumers.aside("batch-partly")).isEmpty();
	}

	@Test
	@DisplayName("V2: any other failure frees all records, and the container retries the batch")
	void freesAllRecordsAfterOtherFailure() {
		send("wholly", "a", "bad once");
		start("wholly", 2);
		assertThat(RUNS.count("wholly a")).isEqualTo(2);
		assertThat(RUNS.count("wholly bad once")).isEqualTo(2);
	}

	@Test
	@DisplayName("V2: a record in progress elsewhere cuts the batch, and comes back; other partitions go on")
	void cutsBatchAtRecordInProgress() throws Exception {
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch letGo = new CountDownLatch(1);
		Thread elsewhere = new Thread(() -> hold("b", held, letGo));
		elsewhere.start();
		assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
		send("busy", "a", "b", "c");
		consumers.startListener("busy");
		consumers.awaitAcknowledged("tests", "batch-busy", 0, 1);
		consumers.send("batch-busy", 1, "other", "other");
		consumers.awaitAcknowledged("tests", "batch-busy", 1, 1);
		assertThat(RUNS.count("busy a")).isOne();
		assertThat(RUNS.count("busy b")).isZero();
		assertThat(Broker.acknowledged("tests", "batch-busy", 0)).as("the refused record is not acknowledged").isOne();
		letGo.countDown();
		elsewhere.join();
		consumers.awaitAcknowledged("tests", "batch-busy", 0, 3);
		assertThat(RUNS.count("busy b")).as("it ran elsewhere").isZero();
		assertThat(RUNS.count("busy c")).isOne();
		assertThat(consumers.aside("batch-busy")).isEmpty();
	}

	private static void hold(String key, CountDownLatch held, CountDownLatch letGo) {
		consumers.bean(IdempotencyOperations.class)
			.executeWithoutResult(Listeners.class.getName() + ".busy", key, (context) -> {
				held.countDown();
				try {
					letGo.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			});
	}

	@Test
	@DisplayName("V2: an expression over payload and headers gives the key of each record")
	void evaluatesExpressionForEachRecord() {
		consumers.send("batch-expressed", 0, "ignored 1", "same");
		consumers.send("batch-expressed", 0, "ignored 2", "same");
		start("expressed", 2);
		assertThat(RUNS.count("expressed same")).isOne();
	}

	private static void send(String topic, String... values) {
		for (String value : values) {
			consumers.send("batch-" + topic, 0, value, value);
		}
	}

	private static void start(String id, int records) {
		consumers.startListener(id);
		consumers.awaitAcknowledged("tests", "batch-" + id, 0, records);
		await().atMost(Duration.ofSeconds(5)).until(() -> consumers.bean(IdempotencyEngine.class).leasesHeld() == 0);
	}

	static class Listeners {

		@Idempotent
		@KafkaListener(id = "payments", groupId = "tests", topics = "batch-payments", batch = "true",
				autoStartup = "false")
		public void payments(List<String> values) {
			SIZES.add(values.size());
			values.forEach((value) -> RUNS.next("payments " + value));
		}

		@Idempotent
		@KafkaListener(id = "partly", groupId = "tests", topics = "batch-partly", batch = "true", autoStartup = "false")
		public void partly(List<ConsumerRecord<String, String>> records) {
			for (ConsumerRecord<String, String> record : new ArrayList<>(records)) {
				if (RUNS.next("partly " + record.value()) == 1 && record.value().equals("bad once")) {
					throw new BatchListenerFailedException("bad", record);
				}
			}
		}

		@Idempotent
		@KafkaListener(id = "wholly", groupId = "tests", topics = "batch-wholly", batch = "true", autoStartup = "false")
		public void wholly(List<String> values) {
			boolean fails = false;
			for (String value : values) {
				fails |= RUNS.next("wholly " + value) == 1 && value.equals("bad once");
			}
			if (fails) {
				throw new IllegalStateException("bad");
			}
		}

		@Idempotent
		@KafkaListener(id = "busy", groupId = "tests", topics = "batch-busy", batch = "true", autoStartup = "false")
		public void busy(List<String> values) {
			values.forEach((value) -> RUNS.next("busy " + value));
		}

		@Idempotent(key = "#payload")
		@KafkaListener(id = "expressed", groupId = "tests", topics = "batch-expressed", batch = "true",
				autoStartup = "false")
		public void expressed(List<String> values) {
			values.forEach((value) -> RUNS.next("expressed " + value));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Listeners listeners() {
			return new Listeners();
		}

	}

}
