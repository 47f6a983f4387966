package io.idempotency.jms;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import io.idempotency.Idempotent;
import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.method.IdempotencyKeyInvalidException;
import io.idempotency.method.IdempotencyOperations;
import io.idempotency.testing.BreakableStore;
import io.idempotency.testing.Failures;
import io.idempotency.testing.HeldKey;
import io.idempotency.testing.JmsBroker;
import io.idempotency.testing.RecordedEvents;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.AbstractJmsListenerContainerFactory;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.config.SimpleJmsListenerContainerFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.messaging.handler.annotation.Header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * JMS listeners work on each message once, on a broker that delivers a message three
 * times before it is dead.
 */
@ParameterizedClass
@ValueSource(strings = { "transacted", "client", "simple" })
@Tag("compatibility")
class JmsListenerIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final Failures FAILURES = new Failures();

	private static final Queue<Throwable> ERRORS = new ConcurrentLinkedQueue<>();

	private static final Queue<String> SEEN = new ConcurrentLinkedQueue<>();

	private static final Map<String, Worker> WORKERS = new HashMap<>();

	private final Worker worker;

	private final JmsTemplate jms;

	private final BreakableStore store;

	JmsListenerIntegrationTests(String kind) {
		this.worker = WORKERS.computeIfAbsent(kind, JmsListenerIntegrationTests::start);
		this.jms = this.worker.bean(JmsTemplate.class);
		this.store = this.worker.bean(BreakableStore.class);
		this.jms.setReceiveTimeout(10_000);
	}

	private static Worker start(String kind) {
		JmsBroker.shared();
		return Worker.start(List.of(Listeners.class), "container.kind=" + kind, "idempotency.jms.retry-delay=20ms");
	}

	@AfterEach
	void nothingIsLeft() {
		for (String queue : List.of("pay", "keyed", "numbers", "quote", "late")) {
			await().untilAsserted(
					() -> assertThat(JmsBroker.shared().messages(queue)).as("messages left in %s", queue).isZero());
		}
		assertThat(JmsBroker.shared().messages(JmsBroker.DEAD)).as("dead messages").isZero();
		assertThat(this.worker.bean(IdempotencyEngine.class).leasesHeld()).isZero();
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		WORKERS.values().forEach(Worker::close);
		WORKERS.clear();
	}

	private void send(String queue, String payload, @Nullable String key) {
		this.jms.send(queue, (session) -> {
			Message message = session.createTextMessage(payload);
			if (key != null) {
				message.setStringProperty("idempotencyKey", key);
			}
			return message;
		});
	}

	private void awaitRuns(String payload, int runs) {
		await().untilAsserted(() -> assertThat(RUNS.count(payload)).isEqualTo(runs));
	}

	private void mark(String queue) {
		String marker = TestApp.newKey();
		send(queue, marker, marker);
		awaitRuns(marker, 1);
	}

	private HeldKey hold(String operation, String key) {
		return HeldKey.hold(this.worker.bean(IdempotencyOperations.class), operation, key);
	}

	private long told(RequestOutcome outcome) {
		return this.worker.bean(RecordedEvents.class).count(Entry.JMS, outcome);
	}

	private void awaitRefusals(RequestOutcome outcome, int more) {
		long before = told(outcome);
		await().untilAsserted(() -> assertThat(told(outcome)).isGreaterThanOrEqualTo(before + more));
	}

	@Test
	void acknowledgesDuplicateWithoutRunning() {
		String payload = TestApp.newKey();
		long before = told(RequestOutcome.REPLAY);
		send("pay", payload, payload);
		send("pay", payload, payload);
		mark("pay");
		await().untilAsserted(() -> assertThat(told(RequestOutcome.REPLAY)).isEqualTo(before + 1));
		assertThat(RUNS.count(payload)).isOne();
	}

	@Test
	void takesKeyOfCloudEvent() {
		String payload = TestApp.newKey();
		for (int i = 0; i < 2; i++) {
			this.jms.convertAndSend("pay", payload, (message) -> {
				message.setStringProperty("cloudEvents_id", payload);
				message.setStringProperty("cloudEvents_source", "/orders");
				return message;
			});
		}
		mark("pay");
		assertThat(RUNS.count(payload)).isOne();
	}

	@Test
	void takesIdOfMessageWhereThereIsNoOtherKey() {
		String payload = TestApp.newKey();
		send("pay", payload, null);
		send("pay", payload, null);
		awaitRuns(payload, 2);
	}

	@Test
	void takesKeyOfExpressions() {
		String payload = TestApp.newKey();
		for (String order : List.of("1", "2", "1")) {
			this.jms.convertAndSend("keyed", payload, (message) -> {
				message.setStringProperty("orderId", order);
				return message;
			});
		}
		this.jms.convertAndSend("keyed", "marker " + payload, (message) -> {
			message.setStringProperty("orderId", "1");
			return message;
		});
		awaitRuns("marker " + payload, 1);
		assertThat(RUNS.count(payload)).isEqualTo(2);
	}

	@Test
	void runsAgainWhenListenerFailed() {
		ERRORS.clear();
		String payload = TestApp.newKey();
		FAILURES.plan(payload, JmsBroker.DELIVERIES - 1);
		send("pay", payload, null);
		awaitRuns(payload, JmsBroker.DELIVERIES);
		assertThat(ERRORS).hasSize(JmsBroker.DELIVERIES - 1)
			.allSatisfy((error) -> assertThat(error).hasRootCauseExactlyInstanceOf(IllegalStateException.class)
				.rootCause()
				.hasMessage("Planned failure of " + payload));
	}

	@Test
	void leavesDeadLettersToBroker() throws JMSException {
		String payload = TestApp.newKey();
		FAILURES.plan(payload, 100);
		send("pay", payload, null);
		Message dead = this.jms.receive(JmsBroker.DEAD);
		assertThat(text(dead)).isEqualTo(payload);
		assertThat(RUNS.count(payload)).isEqualTo(JmsBroker.DELIVERIES);
	}

	@Test
	void comesBackWhenKeyIsFreeWhileOtherMessagesGoOn() {
		String payload = TestApp.newKey();
		HeldKey held = hold("pay", payload);
		send("pay", payload, payload);
		awaitRefusals(RequestOutcome.IN_PROGRESS, 3 * JmsBroker.DELIVERIES);
		mark("pay");
		assertThat(RUNS.count(payload)).isZero();
		held.fail();
		awaitRuns(payload, 1);
	}

	@Test
	void isDroppedWhenTheOtherCallSucceeded() {
		String payload = TestApp.newKey();
		HeldKey held = hold("pay", payload);
		send("pay", payload, payload);
		awaitRefusals(RequestOutcome.IN_PROGRESS, 2);
		long before = told(RequestOutcome.REPLAY);
		held.complete();
		await().untilAsserted(() -> assertThat(told(RequestOutcome.REPLAY)).isEqualTo(before + 1));
		assertThat(RUNS.count(payload)).isZero();
	}

	@Test
	void comesBackAsItWas() {
		SEEN.clear();
		String payload = TestApp.newKey();
		this.store.away(true);
		String id = this.jms.execute("pay", (session, producer) -> sendWithEverything(payload, session, producer));
		awaitRefusals(RequestOutcome.STORE_UNAVAILABLE, 2);
		this.store.away(false);
		awaitRuns(payload, 1);
		assertThat(SEEN).containsExactly("correlation type 7 group 5 2 true " + id);
	}

	private static String sendWithEverything(String payload, Session session, MessageProducer producer)
			throws JMSException {
		Message message = session.createTextMessage(payload);
		message.setJMSCorrelationID("correlation");
		message.setJMSType("type");
		message.setIntProperty("number", 7);
		message.setStringProperty("JMSXGroupID", "group");
		message.setBooleanProperty("everything", true);
		producer.setPriority(5);
		producer.setTimeToLive(1_000_000);
		producer.setDeliveryMode(DeliveryMode.PERSISTENT);
		producer.send(message);
		return message.getJMSMessageID();
	}

	@Test
	void losesNothingWhileStoreIsAway() {
		List<String> payloads = Stream.generate(TestApp::newKey).limit(20).toList();
		this.store.away(true);
		payloads.forEach((payload) -> send("pay", payload, null));
		awaitRefusals(RequestOutcome.STORE_UNAVAILABLE, 20 * (JmsBroker.DELIVERIES + 1));
		assertThat(payloads).allMatch((payload) -> RUNS.count(payload) == 0);
		this.store.away(false);
		payloads.forEach((payload) -> awaitRuns(payload, 1));
	}

	@Test
	void messageThatCannotBeConvertedIsDeadAsBefore() throws JMSException {
		send("numbers", "no number", null);
		Message dead = this.jms.receive(JmsBroker.DEAD);
		assertThat(text(dead)).isEqualTo("no number");
	}

	@Test
	void messageWithoutIdIsClearError() {
		ERRORS.clear();
		JmsTemplate withoutIds = new JmsTemplate(JmsBroker.shared().connectionFactory());
		withoutIds.setMessageIdEnabled(false);
		withoutIds.convertAndSend("pay", "without id");
		assertThat(this.jms.receive(JmsBroker.DEAD)).isNotNull();
		assertThat(ERRORS).hasSize(JmsBroker.DELIVERIES)
			.allSatisfy((error) -> assertThat(error).hasRootCauseInstanceOf(IdempotencyKeyInvalidException.class)
				.rootCause()
				.hasMessageContaining("no idempotency key"));
		assertThat(RUNS.count("without id")).isZero();
	}

	@Test
	void repliesToDuplicateWithFirstResult() throws JMSException {
		String payload = TestApp.newKey();
		String first = ask(payload);
		assertThat(first).isEqualTo("run 1 of " + payload);
		assertThat(ask(payload)).isEqualTo(first);
		assertThat(RUNS.count(payload)).isOne();
	}

	@Test
	void replyToMessageThatWasSentAgainNamesItsFirstId() throws Exception {
		String payload = TestApp.newKey();
		HeldKey held = hold("quote", payload);
		var answer = CompletableFuture.supplyAsync(() -> {
			try {
				return ask(payload);
			}
			catch (JMSException ex) {
				throw new IllegalStateException(ex);
			}
		});
		awaitRefusals(RequestOutcome.IN_PROGRESS, 2);
		held.fail();
		assertThat(answer.get()).isEqualTo("run 1 of " + payload);
	}

	private String ask(String payload) throws JMSException {
		String[] id = new String[1];
		this.jms.execute("quote", (session, producer) -> {
			TextMessage message = session.createTextMessage(payload);
			message.setStringProperty("idempotencyKey", payload);
			message.setJMSReplyTo(session.createQueue("replies"));
			producer.send(message);
			id[0] = message.getJMSMessageID();
			return null;
		});
		Message reply = this.jms.receiveSelected("replies", "JMSCorrelationID = '" + id[0] + "'");
		return text(reply);
	}

	private static String text(@Nullable Message message) throws JMSException {
		if (message instanceof TextMessage text) {
			return text.getText();
		}
		throw new AssertionError("No text: " + message);
	}

	@Test
	void protectsListenerThatIsRegisteredLater() {
		this.worker.bean(LateListener.class);
		String payload = TestApp.newKey();
		HeldKey held = hold("late", payload);
		send("late", payload, payload);
		awaitRefusals(RequestOutcome.IN_PROGRESS, 2 * JmsBroker.DELIVERIES);
		held.fail();
		awaitRuns(payload, 1);
	}

	private static void work(String payload) {
		RUNS.next(payload);
		FAILURES.next(payload);
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		@Bean
		static ConnectionFactory connectionFactory() {
			return JmsBroker.shared().connectionFactory();
		}

		@Bean
		static AbstractJmsListenerContainerFactory<?> jmsListenerContainerFactory(
				@Value("${container.kind}") String kind, ConnectionFactory connectionFactory) {
			AbstractJmsListenerContainerFactory<?> factory = kind.equals("simple")
					? new SimpleJmsListenerContainerFactory() : new DefaultJmsListenerContainerFactory();
			factory.setConnectionFactory(connectionFactory);
			factory.setErrorHandler(ERRORS::add);
			factory.setSessionTransacted(!kind.equals("client"));
			factory.setSessionAcknowledgeMode(Session.CLIENT_ACKNOWLEDGE);
			return factory;
		}

		@Bean
		static BreakableStore breakableStore() {
			return new BreakableStore(new MemoryIdempotencyStore(10_000));
		}

		@Bean
		static IdempotencyListener recordedEvents() {
			return new RecordedEvents();
		}

		@Idempotent(operation = "pay")
		@JmsListener(id = "pay", destination = "pay")
		void pay(String payload, Message message) throws JMSException {
			if (message.getBooleanProperty("everything")) {
				SEEN.add(String.join(" ", message.getJMSCorrelationID(), message.getJMSType(),
						String.valueOf(message.getIntProperty("number")), message.getStringProperty("JMSXGroupID"),
						String.valueOf(message.getJMSPriority()), String.valueOf(message.getJMSDeliveryMode()),
						String.valueOf(message.getJMSExpiration() > System.currentTimeMillis()),
						message.getStringProperty(JmsMessages.ORIGINAL_ID)));
			}
			work(payload);
		}

		@Idempotent(key = "#headers['orderId'] + #payload")
		@JmsListener(id = "keyed", destination = "keyed")
		void keyed(String payload, @Header("orderId") String order) {
			work(payload);
		}

		@Idempotent
		@JmsListener(id = "numbers", destination = "numbers")
		void numbers(Integer number) {
			RUNS.next("number " + number);
		}

		@Idempotent(operation = "quote")
		@JmsListener(id = "quote", destination = "quote")
		String quote(String payload) {
			return "run " + RUNS.next(payload) + " of " + payload;
		}

		@Bean
		@Lazy
		static LateListener lateListener() {
			return new LateListener();
		}

	}

	static class LateListener {

		@Idempotent(operation = "late")
		@JmsListener(id = "late", destination = "late")
		void late(String payload) {
			work(payload);
		}

	}

}
