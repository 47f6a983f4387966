package io.idempotency.rabbit;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import com.rabbitmq.client.Channel;
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
import io.idempotency.testing.RabbitBroker;
import io.idempotency.testing.RecordedEvents;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessagePostProcessor;
import org.springframework.amqp.core.QueueInformation;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.config.AbstractRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.config.DirectRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.config.RetryInterceptorBuilder;
import org.springframework.amqp.rabbit.config.SimpleRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.rabbit.listener.api.RabbitListenerErrorHandler;
import org.springframework.amqp.rabbit.retry.RepublishMessageRecoverer;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Listeners of RabbitMQ work on each message once.
 */
@ParameterizedClass
@ValueSource(strings = { "simple", "direct" })
@EnabledIf(value = "io.idempotency.testing.RabbitBroker#isAvailable",
		disabledReason = "Qpid does not run on this JDK, and RabbitMQ is not installed")
@Tag("compatibility")
class RabbitListenerIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final Failures FAILURES = new Failures();

	private static final Queue<Throwable> ERRORS = new ConcurrentLinkedQueue<>();

	private static final List<String> QUEUES = List.of("pay", "keyed", "retried", "swallowed", "manual", "numbers",
			"strict", "quote", "async", "late", "dead");

	private static final Map<String, Worker> WORKERS = new HashMap<>();

	private final Worker worker;

	private final RabbitTemplate rabbit;

	private final BreakableStore store;

	RabbitListenerIntegrationTests(String type) {
		this.worker = WORKERS.computeIfAbsent(type, RabbitListenerIntegrationTests::start);
		this.rabbit = this.worker.bean(RabbitTemplate.class);
		this.store = this.worker.bean(BreakableStore.class);
	}

	private static Worker start(String type) {
		return Worker.start(List.of(Listeners.class),
				Stream
					.concat(Stream.of(RabbitBroker.shared().properties()), Stream.of("container.type=" + type,
							"spring.rabbitmq.listener.type=" + type, "idempotency.rabbit.retry-delay=20ms"))
					.toArray(String[]::new));
	}

	@AfterEach
	void noLeaseIsLeft() {
		await().untilAsserted(() -> assertThat(this.worker.bean(IdempotencyEngine.class).leasesHeld()).isZero());
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		WORKERS.values().forEach((worker) -> {
			requireThatNothingIsLeft(worker);
			worker.close();
		});
		WORKERS.clear();
	}

	/**
	 * A container that stops returns what is not acknowledged.
	 */
	private static void requireThatNothingIsLeft(Worker worker) {
		RabbitListenerEndpointRegistry registry = worker.bean(RabbitListenerEndpointRegistry.class);
		AmqpAdmin admin = worker.bean(AmqpAdmin.class);
		registry.stop(() -> {
		});
		for (String queue : QUEUES) {
			await().untilAsserted(() -> {
				QueueInformation information = Objects.requireNonNull(admin.getQueueInfo(queue));
				assertThat(information.getConsumerCount()).isZero();
				assertThat(information.getMessageCount()).as("messages left in %s", queue).isZero();
			});
		}
	}

	private String send(String queue, String payload) {
		String id = TestApp.newKey();
		send(queue, payload, id);
		return id;
	}

	private void send(String queue, String payload, String id) {
		send(queue, payload, withId(id));
	}

	private void send(String queue, String payload, MessagePostProcessor properties) {
		this.rabbit.convertAndSend("", queue, payload, properties);
	}

	private static MessagePostProcessor withId(String id) {
		return (message) -> {
			message.getMessageProperties().setMessageId(id);
			return message;
		};
	}

	private static MessagePostProcessor withHeader(String name, String value) {
		return (message) -> {
			message.getMessageProperties().setMessageId(TestApp.newKey());
			message.getMessageProperties().setHeader(name, value);
			return message;
		};
	}

	private void awaitRuns(String payload, int runs) {
		await().untilAsserted(() -> assertThat(RUNS.count(payload)).isEqualTo(runs));
	}

	private String mark(String queue) {
		String marker = TestApp.newKey();
		send(queue, marker);
		awaitRuns(marker, 1);
		return marker;
	}

	private HeldKey hold(String operation, String key) {
		return HeldKey.hold(this.worker.bean(IdempotencyOperations.class), operation, key);
	}

	private long told(RequestOutcome outcome) {
		return this.worker.bean(RecordedEvents.class).count(Entry.RABBIT, outcome);
	}

	private void awaitRefusals(RequestOutcome outcome, int more) {
		long before = told(outcome);
		await().untilAsserted(() -> assertThat(told(outcome)).isGreaterThanOrEqualTo(before + more));
	}

	@Test
	void acknowledgesDuplicateWithoutRunning() {
		String payload = TestApp.newKey();
		String id = send("pay", payload);
		awaitRuns(payload, 1);
		long before = told(RequestOutcome.REPLAY);
		send("pay", payload, id);
		mark("pay");
		assertThat(RUNS.count(payload)).isOne();
		assertThat(told(RequestOutcome.REPLAY)).isEqualTo(before + 1);
	}

	@Test
	void takesKeyOfCloudEventOrHeaderBeforeThatOfBroker() {
		for (String header : List.of("cloudEvents:id", "cloudEvents_id", "Idempotency-Key", "idempotency-key")) {
			String payload = TestApp.newKey();
			send("pay", payload, withHeader(header, payload));
			send("pay", payload, withHeader(header, payload));
			mark("pay");
			assertThat(RUNS.count(payload)).as(header).isOne();
		}
	}

	@Test
	void takesKeyOfExpressions() {
		String payload = TestApp.newKey();
		send("keyed", payload, withHeader("order", "1 " + payload));
		send("keyed", payload, withHeader("order", "2 " + payload));
		send("keyed", payload, withHeader("order", "1 " + payload));
		mark("keyed", "marker");
		assertThat(RUNS.count(payload)).isEqualTo(2);
	}

	private void mark(String queue, String order) {
		String marker = TestApp.newKey();
		send(queue, marker, withHeader("order", order));
		awaitRuns(marker, 1);
	}

	@Test
	void runsAgainWhenListenerFailed() {
		String payload = TestApp.newKey();
		FAILURES.plan(payload, 2);
		String id = send("pay", payload);
		awaitRuns(payload, 3);
		send("pay", payload, id);
		mark("pay");
		assertThat(RUNS.count(payload)).isEqualTo(3);
	}

	@Test
	void leavesRetriesAndDeadLettersToContainer() {
		String payload = TestApp.newKey();
		FAILURES.plan(payload, 100);
		send("retried", payload);
		Message dead = this.rabbit.receive("dead", 10_000);
		assertThat(dead).isNotNull();
		assertThat(new String(Objects.requireNonNull(dead).getBody(), StandardCharsets.UTF_8)).isEqualTo(payload);
		assertThat(RUNS.count(payload)).isEqualTo(3);
	}

	@Test
	void isNotDeadWhenRefusedWhileContainerRepeatsIt() {
		String payload = TestApp.newKey();
		FAILURES.plan(payload, 1);
		FAILURES.before(payload, () -> this.store.away(true));
		send("retried", payload);
		awaitRefusals(RequestOutcome.STORE_UNAVAILABLE, 5);
		this.store.away(false);
		awaitRuns(payload, 2);
		assertThat(this.rabbit.receive("dead")).isNull();
	}

	@Test
	void comesBackWhenKeyIsFreeWhileOtherMessagesGoOn() {
		for (String queue : List.of("pay", "retried", "swallowed", "manual", "async")) {
			String payload = TestApp.newKey();
			String id = TestApp.newKey();
			HeldKey held = hold(queue, id);
			send(queue, payload, id);
			awaitRefusals(RequestOutcome.IN_PROGRESS, 5);
			mark(queue);
			assertThat(RUNS.count(payload)).isZero();
			held.fail();
			awaitRuns(payload, 1);
		}
		assertThat(this.rabbit.receive("dead")).isNull();
	}

	@Test
	void isDroppedWhenTheOtherCallSucceeded() {
		for (String queue : List.of("pay", "manual", "async")) {
			String payload = TestApp.newKey();
			String id = TestApp.newKey();
			HeldKey held = hold(queue, id);
			send(queue, payload, id);
			awaitRefusals(RequestOutcome.IN_PROGRESS, 2);
			long before = told(RequestOutcome.REPLAY);
			held.complete();
			await().untilAsserted(() -> assertThat(told(RequestOutcome.REPLAY)).isEqualTo(before + 1));
			assertThat(RUNS.count(payload)).isZero();
		}
	}

	@Test
	void cumulativeAcknowledgementTakesNoPostponedMessageWithIt() {
		String payload = TestApp.newKey();
		String id = TestApp.newKey();
		HeldKey held = hold("manual", id);
		send("manual", payload, id);
		awaitRefusals(RequestOutcome.IN_PROGRESS, 1);
		send("manual", "all up to " + id);
		awaitRuns("all up to " + id, 1);
		held.fail();
		awaitRuns(payload, 1);
	}

	@Test
	void losesNothingWhileStoreIsAway() {
		List<String> payloads = Stream.generate(TestApp::newKey).limit(20).toList();
		this.store.away(true);
		payloads.forEach((payload) -> send("retried", payload));
		awaitRefusals(RequestOutcome.STORE_UNAVAILABLE, 40);
		assertThat(payloads).allMatch((payload) -> RUNS.count(payload) == 0);
		this.store.away(false);
		payloads.forEach((payload) -> awaitRuns(payload, 1));
		assertThat(this.rabbit.receive("dead")).isNull();
	}

	@Test
	void messageThatCannotBeConvertedIsRejectedAsBefore() {
		send("numbers", "no number", withId(TestApp.newKey()));
		send("numbers", "7", withId(TestApp.newKey()));
		int before = RUNS.count("number 7");
		await().untilAsserted(() -> assertThat(RUNS.count("number 7")).isGreaterThan(before));
	}

	@Test
	void messageWithoutIdIsClearError() {
		ERRORS.clear();
		this.rabbit.convertAndSend("", "strict", "without id");
		await().untilAsserted(() -> assertThat(ERRORS).hasSize(1));
		assertThat(ERRORS.element()).hasRootCauseInstanceOf(IdempotencyKeyInvalidException.class)
			.rootCause()
			.hasMessageContaining("strict")
			.hasMessageContaining("no idempotency key");
		assertThat(RUNS.count("without id")).isZero();
	}

	@Test
	void messageThatPostProcessorRefusesIsRejectedAsBefore() {
		ERRORS.clear();
		send("strict", "unreadable", withHeader("unreadable", "yes"));
		await().untilAsserted(() -> assertThat(ERRORS).hasSize(1));
		assertThat(ERRORS.element()).hasMessage("unreadable");
		assertThat(RUNS.count("unreadable")).isZero();
	}

	@Test
	void exceptionReachesErrorHandlersUnchanged() {
		ERRORS.clear();
		String payload = TestApp.newKey();
		FAILURES.plan(payload, 1);
		send("strict", payload);
		await().untilAsserted(() -> assertThat(ERRORS).hasSize(1));
		assertThat(ERRORS.element()).hasRootCauseExactlyInstanceOf(IllegalStateException.class)
			.rootCause()
			.hasMessage("Planned failure of " + payload);
		assertThat(RUNS.count(payload)).isOne();
	}

	@Test
	void repliesToDuplicateWithFirstResult() {
		String payload = TestApp.newKey();
		String id = TestApp.newKey();
		Object first = this.rabbit.convertSendAndReceive("", "quote", payload, withId(id));
		Object second = this.rabbit.convertSendAndReceive("", "quote", payload, withId(id));
		assertThat(first).isEqualTo("run 1 of " + payload);
		assertThat(second).isEqualTo(first);
		assertThat(RUNS.count(payload)).isOne();
	}

	@Test
	void protectsListenerThatIsRegisteredLater() {
		this.worker.bean(LateListener.class);
		String payload = TestApp.newKey();
		String id = TestApp.newKey();
		HeldKey held = hold("late", id);
		send("late", payload, id);
		awaitRefusals(RequestOutcome.IN_PROGRESS, 2);
		held.fail();
		awaitRuns(payload, 1);
		send("late", payload, id);
		mark("late");
		assertThat(RUNS.count(payload)).isOne();
	}

	private static void work(String payload) {
		RUNS.next(payload);
		FAILURES.next(payload);
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		@Bean
		static BreakableStore breakableStore() {
			return new BreakableStore(new MemoryIdempotencyStore(10_000));
		}

		@Bean
		static IdempotencyListener recordedEvents() {
			return new RecordedEvents();
		}

		@Bean
		static Declarables queues() {
			return new Declarables(QUEUES.stream().map(org.springframework.amqp.core.Queue::new).toList());
		}

		@Bean
		static AbstractRabbitListenerContainerFactory<?> retrying(@Value("${container.type}") String type,
				ConnectionFactory connectionFactory, RabbitTemplate rabbit) {
			AbstractRabbitListenerContainerFactory<?> factory = factory(type, connectionFactory);
			factory.setAdviceChain(RetryInterceptorBuilder.stateless()
				.maxRetries(2)
				.backOffOptions(1, 1, 1)
				.recoverer(new RepublishMessageRecoverer(rabbit, "", "dead"))
				.build());
			return factory;
		}

		@Bean
		static AbstractRabbitListenerContainerFactory<?> manual(@Value("${container.type}") String type,
				ConnectionFactory connectionFactory) {
			AbstractRabbitListenerContainerFactory<?> factory = factory(type, connectionFactory);
			factory.setAcknowledgeMode(AcknowledgeMode.MANUAL);
			return factory;
		}

		@Bean
		static AbstractRabbitListenerContainerFactory<?> rejecting(@Value("${container.type}") String type,
				ConnectionFactory connectionFactory) {
			AbstractRabbitListenerContainerFactory<?> factory = factory(type, connectionFactory);
			factory.setAfterReceivePostProcessors((message) -> {
				if (message.getMessageProperties().getHeader("unreadable") != null) {
					throw new IllegalArgumentException("unreadable");
				}
				return message;
			});
			factory.setErrorHandler((failure) -> {
				ERRORS.add(failure);
				throw new AmqpRejectAndDontRequeueException("rejected", true, failure);
			});
			return factory;
		}

		private static AbstractRabbitListenerContainerFactory<?> factory(String type,
				ConnectionFactory connectionFactory) {
			AbstractRabbitListenerContainerFactory<?> factory = type.equals("direct")
					? new DirectRabbitListenerContainerFactory() : new SimpleRabbitListenerContainerFactory();
			factory.setConnectionFactory(connectionFactory);
			return factory;
		}

		/**
		 * A proxy, since the types of the method are not the same in Spring AMQP 4.0 and
		 * 4.1.
		 */
		@Bean
		static RabbitListenerErrorHandler swallowing() {
			Object target = new Object();
			return (RabbitListenerErrorHandler) Proxy.newProxyInstance(Listeners.class.getClassLoader(),
					new Class<?>[] { RabbitListenerErrorHandler.class },
					(proxy, method, arguments) -> ReflectionUtils.isObjectMethod(method)
							? method.invoke(target, arguments) : null);
		}

		@Idempotent(operation = "pay")
		@RabbitListener(id = "pay", queues = "pay")
		void pay(String payload) {
			work(payload);
		}

		@Idempotent(key = "#headers['order'] + #payload")
		@RabbitListener(id = "keyed", queues = "keyed")
		void keyed(String payload) {
			work(payload);
		}

		@Idempotent(operation = "retried")
		@RabbitListener(id = "retried", queues = "retried", containerFactory = "retrying")
		void retried(String payload) {
			work(payload);
		}

		@Idempotent(operation = "swallowed")
		@RabbitListener(id = "swallowed", queues = "swallowed", errorHandler = "swallowing")
		void swallowed(String payload) {
			work(payload);
		}

		@Idempotent(operation = "manual")
		@RabbitListener(id = "manual", queues = "manual", containerFactory = "manual", errorHandler = "swallowing")
		void manual(String payload, Channel channel, Message message) throws Exception {
			work(payload);
			channel.basicAck(message.getMessageProperties().getDeliveryTag(), payload.startsWith("all"));
		}

		@Idempotent
		@RabbitListener(id = "numbers", queues = "numbers")
		void numbers(Integer number) {
			RUNS.next("number " + number);
		}

		@Idempotent(operation = "strict")
		@RabbitListener(id = "strict", queues = "strict", containerFactory = "rejecting")
		void strict(String payload) {
			work(payload);
		}

		@Idempotent
		@RabbitListener(id = "quote", queues = "quote")
		String quote(String payload) {
			return "run " + RUNS.next(payload) + " of " + payload;
		}

		@Idempotent(operation = "async")
		@RabbitListener(id = "async", queues = "async")
		CompletableFuture<Void> async(String payload) {
			return CompletableFuture.runAsync(() -> work(payload));
		}

		@Bean
		@Lazy
		static LateListener lateListener() {
			return new LateListener();
		}

	}

	static class LateListener {

		@Idempotent(operation = "late")
		@RabbitListener(id = "late", queues = "late")
		void late(String payload) {
			work(payload);
		}

	}

}
