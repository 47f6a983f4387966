package io.idempotency.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContextHolder;
import io.idempotency.Idempotent;
import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.method.IdempotencyKeyInvalidException;
import io.idempotency.testing.Runs;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.BackOff;
import org.springframework.kafka.annotation.KafkaHandler;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.support.Acknowledgment;
import org.springframework.kafka.support.serializer.DeserializationException;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.messaging.handler.annotation.Payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * V2: records of Kafka are processed once.
 */
@Tag("compatibility")
class KafkaListenerIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final List<String> TOPICS = List.of("record", "batch", "manual", "manual_immediate", "events",
			"groups", "expressions", "flaky", "failing", "keyless", "numbers", "bytes", "tombstones", "nacked", "later",
			"handled", "retryable", "bare");

	private static Consumers consumers;

	@BeforeAll
	static void start() {
		TOPICS.forEach((topic) -> Broker.createTopic(topic, 1));
		consumers = Consumers.start(Listening.class);
	}

	@AfterAll
	static void stop() {
		assertThat(consumers.bean(IdempotencyEngine.class).leasesHeld()).as("leases left").isZero();
		consumers.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "RECORD", "BATCH", "MANUAL", "MANUAL_IMMEDIATE" })
	@DisplayName("V2: a record that was processed is acknowledged without running, in every mode")
	void acknowledgesDuplicate(AckMode mode) {
		String topic = mode.name().toLowerCase(Locale.ROOT);
		consumers.send(topic, 0, topic, "first");
		consumers.send(topic, 0, topic, "second");
		consumers.awaitAcknowledged("tests", topic, 0, 2);
		assertThat(RUNS.count(topic + " first")).isOne();
		assertThat(RUNS.count(topic + " second")).isZero();
		assertThat(consumers.count(topic, RequestOutcome.REPLAY)).isOne();
		assertThat(consumers.entries(topic)).containsExactly(Entry.KAFKA);
	}

	@Test
	@DisplayName("V2: a CloudEvent is known by its source and its id, however it came")
	void knowsCloudEvents() {
		for (String source : List.of("a", "a", "b")) {
			ProducerRecord<String, String> record = new ProducerRecord<>("events", source);
			record.headers().add("ce_id", "1".getBytes(StandardCharsets.UTF_8));
			record.headers().add("ce_source", source.getBytes(StandardCharsets.UTF_8));
			consumers.send(record);
		}
		consumers.awaitAcknowledged("tests", "events", 0, 3);
		assertThat(RUNS.count("events a")).isOne();
		assertThat(RUNS.count("events b")).isOne();
	}

	@Test
	@DisplayName("V2: a record without a key in it is known by topic, partition and offset")
	void knowsRecordsByTheirPlace() {
		consumers.send("groups", 0, "same");
		consumers.send("groups", 0, "same");
		consumers.awaitAcknowledged("one", "groups", 0, 2);
		consumers.awaitAcknowledged("two", "groups", 0, 2);
		assertThat(RUNS.count("groups same")).isEqualTo(2);
		assertThat(consumers.count("groups", RequestOutcome.REPLAY)).isEqualTo(2);
	}

	@Test
	@DisplayName("V2: an expression may name the payload, the headers and the parameters")
	void evaluatesExpressions() {
		for (String tenant : List.of("a", "b", "a")) {
			ProducerRecord<String, String> record = new ProducerRecord<>("expressions", "order");
			record.headers().add("tenant", tenant.getBytes(StandardCharsets.UTF_8));
			consumers.send(record);
		}
		consumers.awaitAcknowledged("tests", "expressions", 0, 3);
		assertThat(RUNS.count("expressions order/a/order")).isOne();
		assertThat(RUNS.count("expressions order/b/order")).isOne();
	}

	@Test
	@DisplayName("V2: a failure frees the key, and the container retries")
	void letsContainerRetry() {
		consumers.send("flaky", 0, "flaky", "value");
		consumers.send("flaky", 0, "flaky", "value");
		consumers.awaitAcknowledged("tests", "flaky", 0, 2);
		assertThat(RUNS.count("flaky value")).isEqualTo(2);
		assertThat(consumers.aside("flaky")).isEmpty();
	}

	@Test
	@DisplayName("V2: after its retries the container puts the record aside, with the listener's own exception")
	void letsContainerGiveUp() {
		consumers.send("failing", 0, "failing", "value");
		consumers.awaitAcknowledged("tests", "failing", 0, 1);
		assertThat(RUNS.count("failing value")).isEqualTo(Consumers.ATTEMPTS);
		assertThat(consumers.aside("failing")).singleElement()
			.satisfies((failed) -> assertThat(failed.rootCause()).isInstanceOf(IllegalStateException.class)
				.hasMessage("no value"));
	}

	@Test
	@DisplayName("V2: an expression that gives no key is an error that stays")
	void putsRecordWithoutKeyAside() {
		consumers.send("keyless", 0, "value");
		consumers.awaitAcknowledged("tests", "keyless", 0, 1);
		assertThat(consumers.aside("keyless")).singleElement()
			.satisfies((failed) -> assertThat(failed.rootCause()).isInstanceOf(IdempotencyKeyInvalidException.class)
				.hasMessageContaining("there is no idempotency key"));
		assertThat(RUNS.count("keyless value")).isZero();
	}

	@Test
	@DisplayName("V2: what cannot be converted or deserialized goes to the error handler as before")
	void leavesBadInputAlone() {
		consumers.send("numbers", 0, "not a number");
		consumers.send("numbers", 0, "5");
		consumers.send("bytes", 0, "not four bytes");
		consumers.awaitAcknowledged("tests", "numbers", 0, 2);
		consumers.awaitAcknowledged("tests", "bytes", 0, 1);
		assertThat(consumers.aside("numbers")).singleElement()
			.satisfies((failed) -> assertThat(failed.exception()).hasCauseInstanceOf(MessageConversionException.class));
		assertThat(consumers.aside("bytes")).singleElement()
			.satisfies((failed) -> assertThat(failed.exception()).hasCauseInstanceOf(DeserializationException.class));
		assertThat(RUNS.count("numbers 5")).isOne();
	}

	@Test
	@DisplayName("V2: a record that marks a deletion has a key, too")
	void takesTombstones() {
		consumers.send("tombstones", 0, "gone", null);
		consumers.send("tombstones", 0, "gone", null);
		consumers.awaitAcknowledged("tests", "tombstones", 0, 2);
		assertThat(RUNS.count("tombstones null")).isOne();
	}

	@Test
	@DisplayName("V2: a record that the listener gives back runs when it comes again")
	void runsWhatWasGivenBack() {
		consumers.send("nacked", 0, "nacked", "value");
		consumers.awaitAcknowledged("tests", "nacked", 0, 1);
		assertThat(RUNS.count("nacked value")).isEqualTo(2);
	}

	@Test
	@DisplayName("V2: a listener whose result comes later has its key until then")
	void takesLaterResults() {
		consumers.send("later", 0, "later", "first");
		consumers.send("later", 0, "later", "second");
		consumers.awaitAcknowledged("tests", "later", 0, 2);
		assertThat(RUNS.count("later first")).isOne();
		assertThat(RUNS.count("later second")).isZero();
	}

	@Test
	@DisplayName("V2: the handlers of a class are protected")
	void takesHandlers() {
		consumers.send("handled", 0, "handled", "value");
		consumers.send("handled", 0, "handled", "value");
		consumers.awaitAcknowledged("tests", "handled", 0, 2);
		assertThat(RUNS.count("handled value")).isOne();
	}

	@Test
	@DisplayName("V2: with retry topics, a record is known by its key in each of them")
	void worksWithRetryTopics() {
		consumers.send("retryable", 0, "retryable", "value");
		await().atMost(Duration.ofSeconds(20)).until(() -> RUNS.count("retryable value") == 2);
		consumers.send("retryable", 0, "retryable", "value");
		consumers.awaitAcknowledged("tests", "retryable", 0, 2);
		assertThat(RUNS.count("retryable value")).isEqualTo(2);
	}

	@Test
	@DisplayName("A listener that is not protected is left alone")
	void leavesOthersAlone() {
		consumers.send("bare", 0, "bare", "value");
		consumers.send("bare", 0, "bare", "value");
		consumers.awaitAcknowledged("tests", "bare", 0, 2);
		assertThat(RUNS.count("bare value")).isEqualTo(2);
	}

	@Test
	@DisplayName("A header that is no text stays what it is")
	void keepsBinaryHeaders() {
		byte[] binary = ByteBuffer.allocate(8).putLong(-1).array();
		ProducerRecord<String, String> record = new ProducerRecord<>("expressions", "binary");
		record.headers().add("tenant", "c".getBytes(StandardCharsets.UTF_8)).add("other", binary);
		consumers.send(record);
		await().atMost(Duration.ofSeconds(20)).until(() -> RUNS.count("expressions binary/c/binary") == 1);
	}

	static class Listeners {

		@KafkaListener(topics = "record", ackMode = "RECORD")
		@Idempotent(operation = "record")
		void record(String value) {
			RUNS.next("record " + value);
		}

		@KafkaListener(topics = "batch", ackMode = "BATCH")
		@Idempotent(operation = "batch")
		void batch(String value) {
			RUNS.next("batch " + value);
		}

		@KafkaListener(topics = "manual", ackMode = "MANUAL")
		@Idempotent(operation = "manual")
		void manual(String value, Acknowledgment acknowledgment) {
			RUNS.next("manual " + value);
			acknowledgment.acknowledge();
		}

		@KafkaListener(topics = "manual_immediate", ackMode = "MANUAL_IMMEDIATE")
		@Idempotent(operation = "manual_immediate")
		void manualImmediate(String value, Acknowledgment acknowledgment) {
			RUNS.next("manual_immediate " + value);
			acknowledgment.acknowledge();
		}

		@KafkaListener(topics = "events")
		@Idempotent
		void events(String value) {
			RUNS.next("events " + value);
		}

		@KafkaListener(topics = "groups", groupId = "one")
		@KafkaListener(topics = "groups", groupId = "two")
		@Idempotent
		void groups(String value) {
			RUNS.next("groups " + value);
		}

		@KafkaListener(topics = "expressions")
		@Idempotent(key = "#payload + '/' + #headers['tenant'] + '/' + #order")
		void expressions(String order) {
			IdempotencyContext context = IdempotencyContextHolder.getContext();
			RUNS.next("expressions " + ((context != null) ? context.key() : ""));
		}

		@KafkaListener(topics = "flaky")
		@Idempotent
		void flaky(String value) {
			if (RUNS.next("flaky " + value) == 1) {
				throw new IllegalStateException("not yet");
			}
		}

		@KafkaListener(topics = "failing")
		@Idempotent
		void failing(String value) {
			RUNS.next("failing " + value);
			throw new IllegalStateException("no " + value);
		}

		@KafkaListener(topics = "keyless")
		@Idempotent(key = "#headers['absent']")
		void keyless(String value) {
			RUNS.next("keyless " + value);
		}

		@KafkaListener(topics = "numbers")
		@Idempotent
		void numbers(int value) {
			RUNS.next("numbers " + value);
		}

		@KafkaListener(topics = "bytes", properties = {
				"value.deserializer=org.springframework.kafka.support.serializer.ErrorHandlingDeserializer",
				"spring.deserializer.value.delegate.class=org.apache.kafka.common.serialization.IntegerDeserializer" })
		@Idempotent
		void bytes(int value) {
			RUNS.next("bytes " + value);
		}

		@KafkaListener(topics = "tombstones")
		@Idempotent
		void tombstones(@Payload(required = false) @Nullable String value) {
			RUNS.next("tombstones " + value);
		}

		@KafkaListener(topics = "nacked", ackMode = "MANUAL")
		@Idempotent
		void nacked(String value, Acknowledgment acknowledgment) {
			if (RUNS.next("nacked " + value) == 1) {
				acknowledgment.nack(Duration.ofMillis(10));
			}
			else {
				acknowledgment.acknowledge();
			}
		}

		@KafkaListener(topics = "later")
		@Idempotent
		CompletableFuture<Void> later(String value) {
			return CompletableFuture.runAsync(() -> RUNS.next("later " + value));
		}

		@RetryableTopic(attempts = "3", backOff = @BackOff(delay = 10))
		@KafkaListener(topics = "retryable")
		@Idempotent
		void retryable(String value) {
			if (RUNS.next("retryable " + value) == 1) {
				throw new IllegalStateException("not yet");
			}
		}

		@KafkaListener(topics = "bare")
		void bare(String value) {
			RUNS.next("bare " + value);
		}

	}

	@KafkaListener(topics = "handled")
	static class Handlers {

		@KafkaHandler
		@Idempotent
		void strings(String value) {
			RUNS.next("handled " + value);
		}

		@KafkaHandler
		void numbers(Integer value) {
			RUNS.next("handled " + value);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Listeners listeners() {
			return new Listeners();
		}

		@Bean
		Handlers handlers() {
			return new Handlers();
		}

	}

}
