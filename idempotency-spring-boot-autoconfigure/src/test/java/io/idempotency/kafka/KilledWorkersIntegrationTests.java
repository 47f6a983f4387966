package io.idempotency.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.testing.Database;
import io.idempotency.testing.LocalServer;
import io.idempotency.testing.PostgresProcess;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two processes whose listeners share the records of a topic, and which halt at moments
 * of their own choice, or are killed, and are started again, while a third consumer comes
 * and goes, so that partitions are assigned anew. Each payment is sent one to three
 * times. More payments come by {@code -Dkill.messages}.
 */
class KilledWorkersIntegrationTests {

	private static final int PAYMENTS = Integer.getInteger("kill.messages", 120);

	private static final int PARTITIONS = 4;

	/**
	 * Of each worker, as its listener says.
	 */
	private static final int THREADS = 2;

	private static final Duration PATIENCE = Duration.ofMinutes(5).plusMillis(PAYMENTS * 300L);

	private final CountDownLatch acknowledged = new CountDownLatch(1);

	private final LongAdder deaths = new LongAdder();

	private final LongAdder rebalances = new LongAdder();

	@Test
	@DisplayName("V2: in one transaction, each payment has one effect, whenever workers are killed")
	void hasOneEffectInOneTransaction() {
		List<String> effects = effects("inbox", "idempotency.jdbc.transactional=true");
		assertThat(effects).doesNotHaveDuplicates().hasSize(PAYMENTS);
	}

	@Test
	@DisplayName("V2: with a lease, each payment has an effect, and another one for each listener that was cut off at most")
	void repeatsWithLeaseOnlyWhatWasCutOff() {
		List<String> effects = effects("lease", "idempotency.lease-duration=3s");
		assertThat(effects.stream().distinct()).hasSize(PAYMENTS);
		assertThat(effects).hasSizeLessThanOrEqualTo(PAYMENTS + Math.toIntExact(this.deaths.sum()) * THREADS);
	}

	private List<String> effects(String group, String property) {
		String topic = "killed-" + group;
		Broker.createTopic(topic, PARTITIONS);
		Database database = PostgresProcess.shared().newDatabase();
		ExecutorService threads = Executors.newCachedThreadPool();
		try (HikariDataSource dataSource = database.dataSource()) {
			JdbcClient jdbc = JdbcClient.create(dataSource);
			jdbc.sql("create table effect (id varchar(64))").update();
			int records = send(topic);
			long start = System.nanoTime();
			List<CompletableFuture<Void>> ends = List.of(
					CompletableFuture.runAsync(() -> work(jdbc, topic, group, database, property), threads),
					CompletableFuture.runAsync(() -> work(jdbc, topic, group, database, property), threads),
					CompletableFuture.runAsync(() -> comeAndGo(topic, group), threads));
			await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
				ends.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
				return Broker.acknowledged(group, topic) == records;
			});
			this.acknowledged.countDown();
			ends.forEach(CompletableFuture::join);
			List<String> effects = jdbc.sql("select id from effect").query(String.class).list();
			System.out.printf("%s: %d payments in %d records, %d s, %s deaths, %s rebalances: %d effects%n", group,
					PAYMENTS, records, Duration.ofNanos(System.nanoTime() - start).toSeconds(), this.deaths,
					this.rebalances, effects.size());
			assertThat(this.deaths.sum()).isPositive();
			assertThat(this.rebalances.sum()).isPositive();
			return effects;
		}
		finally {
			this.acknowledged.countDown();
			threads.shutdownNow();
		}
	}

	private static int send(String topic) {
		List<ProducerRecord<String, String>> records = new ArrayList<>();
		Random random = new Random(1);
		for (int i = 0; i < PAYMENTS; i++) {
			String id = "payment-" + i;
			for (int copies = 1 + random.nextInt(3); copies > 0; copies--) {
				ProducerRecord<String, String> record = new ProducerRecord<>(topic, random.nextInt(PARTITIONS), null,
						id);
				record.headers().add("Idempotency-Key", id.getBytes(StandardCharsets.UTF_8));
				records.add(record);
			}
		}
		Collections.shuffle(records, random);
		try (KafkaProducer<String, String> producer = new KafkaProducer<>(Map.of("bootstrap.servers", Broker.servers()),
				new StringSerializer(), new StringSerializer())) {
			records.forEach(producer::send);
		}
		return records.size();
	}

	/**
	 * Keeps a worker running. It is killed after a number of effects, not after a time:
	 * however slow the machine is, there is progress.
	 */
	private void work(JdbcClient jdbc, String topic, String group, Database database, String property) {
		try (LocalServer worker = worker(topic, group, database, property)) {
			while (!isAcknowledged(0)) {
				worker.start();
				long end = effects(jdbc) + 1 + ThreadLocalRandom.current().nextInt(PaymentWorker.LONGEST_LIFE);
				while (worker.isAlive() && effects(jdbc) < end && !isAcknowledged(100)) {
					// It works.
				}
				if (!isAcknowledged(0)) {
					worker.kill();
					this.deaths.increment();
				}
			}
		}
	}

	private static long effects(JdbcClient jdbc) {
		return jdbc.sql("select count(*) from effect").query(Long.class).single();
	}

	private boolean isAcknowledged(long millis) {
		try {
			return this.acknowledged.await(millis, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static LocalServer worker(String topic, String group, Database database, String property) {
		List<String> arguments = new ArrayList<>(List.of("topic=" + topic));
		arguments.addAll(List.of(Broker.properties()));
		arguments.addAll(List.of(database.properties()));
		arguments.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
				"spring.datasource.hikari.maximum-pool-size=4", "spring.kafka.consumer.group-id=" + group,
				"spring.kafka.consumer.max-poll-records=20", "spring.kafka.consumer.properties.session.timeout.ms=1500",
				"spring.kafka.consumer.heartbeat-interval=500ms", property));
		try {
			return LocalServer.java(Files.createTempDirectory("worker"), "128m", PaymentWorker.class, arguments,
					PaymentWorker.READY);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A consumer that takes its share of the partitions, and leaves again without having
	 * worked on anything.
	 */
	private void comeAndGo(String topic, String group) {
		Map<String, Object> settings = Map.of("bootstrap.servers", Broker.servers(), "group.id", group,
				"enable.auto.commit", "false", "auto.offset.reset", "earliest", "session.timeout.ms", "1500",
				"heartbeat.interval.ms", "500");
		while (!isAcknowledged(2000)) {
			try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(),
					new StringDeserializer())) {
				consumer.subscribe(List.of(topic));
				while (consumer.assignment().isEmpty() && !isAcknowledged(0)) {
					consumer.poll(Duration.ofMillis(100));
				}
				this.rebalances.increment();
			}
		}
	}

}
