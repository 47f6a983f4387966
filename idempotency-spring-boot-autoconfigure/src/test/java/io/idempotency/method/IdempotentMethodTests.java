package io.idempotency.method;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContextHolder;
import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;

import org.springframework.aop.support.AopUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * V1: the calls of annotated methods run once for each key.
 */
@Tag("quick")
class IdempotentMethodTests {

	private static final Runs RUNS = new Runs();

	private static Worker worker;

	private static Payments payments;

	@BeforeAll
	static void start() {
		worker = Worker.start(List.of(Methods.class), StoreKind.MEMORY, "payment.wait=1m");
		payments = worker.bean(Payments.class);
	}

	@AfterAll
	static void stop() {
		assertThat(worker.bean(IdempotencyEngine.class).leasesHeld()).as("leases left").isZero();
		worker.close();
	}

	@Test
	@DisplayName("V1: the first call runs, a later one gets its result")
	void runsOnce() {
		Order order = new Order(TestApp.newKey(), 5);
		Receipt first = payments.pay(order);
		assertThat(payments.pay(order)).isEqualTo(first).isNotSameAs(first);
		assertThat(RUNS.count(order.id())).isOne();
	}

	@Test
	@DisplayName("V1: a key may be a text, a number, a UUID or another simple value")
	void takesSimpleValues() {
		UUID uuid = UUID.randomUUID();
		for (Object key : new Object[] { uuid, 42L, TimeUnit.DAYS, 'x', true }) {
			payments.keyed(key);
			payments.keyed(key);
			assertThat(RUNS.count("keyed " + key)).as("%s", key).isOne();
		}
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", " " })
	@DisplayName("V1: a key that is null or blank is a clear error, and the method does not run")
	void refusesMissingKey(@Nullable String key) {
		assertThatExceptionOfType(IdempotencyKeyInvalidException.class).isThrownBy(() -> payments.keyed(key))
			.withMessageContaining("Payments.keyed");
		assertThat(RUNS.count("keyed " + key)).isZero();
	}

	@Test
	@DisplayName("V1: what is no simple value is no key, nor is what cannot be evaluated")
	void refusesOtherKeys() {
		for (Object key : new Object[] { List.of("a"), new Order("1", 1), new int[] { 1 }, "x".repeat(10_000) }) {
			assertThatExceptionOfType(IdempotencyKeyInvalidException.class).isThrownBy(() -> payments.keyed(key))
				.withMessageContaining("Payments.keyed");
		}
		assertThatExceptionOfType(IdempotencyKeyInvalidException.class).isThrownBy(() -> payments.pay(null))
			.withMessageContaining("#order.id");
	}

	@Test
	@DisplayName("M4: where the key is optional, a call without one runs unprotected")
	void runsWithoutOptionalKey() {
		payments.optional(null, "unprotected");
		payments.optional(null, "unprotected");
		assertThat(RUNS.count("unprotected")).isEqualTo(2);
	}

	@Test
	@DisplayName("F2: other content with the key is an error")
	void comparesContent() {
		Order order = new Order(TestApp.newKey(), 5);
		payments.compared(order);
		payments.compared(new Order(order.id(), 5));
		assertThatExceptionOfType(IdempotencyKeyReusedException.class)
			.isThrownBy(() -> payments.compared(new Order(order.id(), 6)));
		assertThat(RUNS.count(order.id())).isOne();
	}

	@Test
	@DisplayName("V1: declared exceptions are answers, others free the key")
	void storesDeclaredExceptions() {
		String key = TestApp.newKey();
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> payments.declined(key, "no"))
				.withMessage("no");
		}
		assertThat(RUNS.count(key)).isOne();
		String other = TestApp.newKey();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> payments.declined(other, ""));
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> payments.declined(other, ""));
		assertThat(RUNS.count(other)).isEqualTo(2);
	}

	@Test
	@DisplayName("C2: a concurrent call waits where the annotation says so")
	void waits() throws Exception {
		String key = TestApp.newKey();
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			Future<String> first = threads.submit(() -> payments.patient(key, () -> {
				running.countDown();
				go.await();
				return "first";
			}));
			assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
			Future<String> second = threads.submit(() -> payments.patient(key, () -> "second"));
			await().until(() -> worker.bean(IdempotencyEngine.class).waiting() == 1);
			go.countDown();
			assertThat(first.get()).isEqualTo("first");
			assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo("first");
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	@DisplayName("V1: a result that comes later is stored when it is there")
	void storesLaterResult() throws Exception {
		String key = TestApp.newKey();
		CompletableFuture<Receipt> source = new CompletableFuture<>();
		CompletableFuture<Receipt> first = payments.later(key, source);
		assertThatExceptionOfType(IdempotencyInProgressException.class).isThrownBy(() -> payments.later(key, source));
		source.complete(new Receipt("r", 1));
		assertThat(first.get()).isEqualTo(new Receipt("r", 1));
		assertThat(payments.later(key, new CompletableFuture<>()).get()).isEqualTo(new Receipt("r", 1));
	}

	@Test
	@DisplayName("V1: a stored exception fails the future of a later call, as it failed that of the first")
	void storesLaterException() {
		String key = TestApp.newKey();
		CompletableFuture<Receipt> source = new CompletableFuture<>();
		CompletableFuture<Receipt> first = payments.laterOrDeclined(key, source);
		source.completeExceptionally(new IllegalArgumentException("declined"));
		assertThat(first).isCompletedExceptionally();
		assertThat(payments.laterOrDeclined(key, new CompletableFuture<>())).isCompletedExceptionally()
			.failsWithin(Duration.ZERO)
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(IllegalArgumentException.class)
			.withMessageContaining("declined");
	}

	@Test
	@DisplayName("V1: a result whose serializer fails in an unusual way reaches its caller, and its key is completed")
	void completesKeyWhateverSerializerThrows() {
		String key = TestApp.newKey();
		assertThat(payments.unwritable(key)).isNotNull();
		assertThatExceptionOfType(IdempotencyResultException.class).isThrownBy(() -> payments.unwritable(key));
		assertThat(RUNS.count(key)).isOne();
	}

	@Test
	@DisplayName("P2: a parameter of type IdempotencyContext is given, and the holder has it")
	void givesContext() {
		String key = TestApp.newKey();
		assertThat(payments.context(key, null)).isEqualTo(key);
	}

	@Test
	@DisplayName("V1: methods of interfaces, of superclasses and of meta-annotated classes are protected")
	void findsInheritedAnnotations() {
		Refunds refunds = worker.bean(Refunds.class);
		String key = TestApp.newKey();
		refunds.refund(key);
		refunds.refund(key);
		assertThat(RUNS.count("refund " + key)).isOne();
		assertThat(AopUtils.isAopProxy(refunds)).isTrue();
	}

	@Test
	@DisplayName("@Retryable stands outside: each of its attempts is a call, and a concurrent one may fare better")
	void retriesAreCalls() {
		String key = TestApp.newKey();
		assertThat(payments.flaky(key)).isEqualTo("attempt 3");
		assertThat(payments.flaky(key)).isEqualTo("attempt 3");
		assertThat(RUNS.count("flaky " + key)).isEqualTo(3);
	}

	@Test
	@DisplayName("@Async stands outside: the lease is kept while the method runs on its thread")
	void asyncStandsOutside() throws Exception {
		String key = TestApp.newKey();
		String thread = payments.background(key).get();
		assertThat(thread).isNotEqualTo(Thread.currentThread().getName());
		assertThat(payments.background(key).get()).isEqualTo(thread);
		assertThat(RUNS.count("background " + key)).isOne();
	}

	@Test
	@DisplayName("An operation has the name of class and method, or its own")
	void operationsHaveNames() {
		String key = TestApp.newKey();
		payments.named(key);
		IdempotencyOperations operations = worker.bean(IdempotencyOperations.class);
		assertThat(
				operations.<String, RuntimeException>execute("payments.named", key, String.class, (context) -> "again"))
			.isEqualTo("named");
	}

	record Order(String id, int amount) {
	}

	record Receipt(String number, int amount) {
	}

	interface Work {

		String run() throws Exception;

	}

	@JsonSerialize(using = FailingSerializer.class)
	static final class Unwritable {

	}

	static final class FailingSerializer extends ValueSerializer<Unwritable> {

		@Override
		public void serialize(Unwritable value, JsonGenerator json, SerializationContext context) {
			throw new StackOverflowError("nested too deeply");
		}

	}

	static class Payments {

		@Idempotent(key = "#order.id")
		Receipt pay(@Nullable Order order) {
			Order paid = Objects.requireNonNull(order);
			return new Receipt("r" + RUNS.next(paid.id()), paid.amount());
		}

		@Idempotent(key = "#key")
		public void keyed(@Nullable Object key) {
			RUNS.next("keyed " + key);
		}

		@Idempotent(key = "#key", optional = true)
		public void optional(@Nullable String key, String name) {
			RUNS.next(name);
		}

		@Idempotent(key = "#order.id", fingerprint = "#order")
		public void compared(Order order) {
			RUNS.next(order.id());
		}

		@Idempotent(key = "#key", storedExceptions = IllegalArgumentException.class)
		public void declined(String key, String reason) {
			RUNS.next(key);
			if (reason.isEmpty()) {
				throw new IllegalStateException();
			}
			throw new IllegalArgumentException(reason);
		}

		@Idempotent(key = "#key", waitTimeout = "${payment.wait}")
		public String patient(String key, Work work) throws Exception {
			return work.run();
		}

		@Idempotent(key = "#key")
		public CompletableFuture<Receipt> later(String key, CompletableFuture<Receipt> source) {
			return source;
		}

		@Idempotent(key = "#key", storedExceptions = IllegalArgumentException.class)
		public CompletableFuture<Receipt> laterOrDeclined(String key, CompletableFuture<Receipt> source) {
			return source;
		}

		@Idempotent(key = "#key")
		public Unwritable unwritable(String key) {
			RUNS.next(key);
			return new Unwritable();
		}

		@Idempotent(key = "#key")
		public @Nullable String context(String key, @Nullable IdempotencyContext context) {
			assertThat(context).isNotNull().isSameAs(IdempotencyContextHolder.getContext());
			return Objects.requireNonNull(context).key();
		}

		@Idempotent(key = "#key")
		@Retryable(includes = IllegalStateException.class, maxRetries = 5, delay = 1)
		public String flaky(String key) {
			int run = RUNS.next("flaky " + key);
			if (run < 3) {
				throw new IllegalStateException("attempt " + run);
			}
			return "attempt " + run;
		}

		@Async
		@Idempotent(key = "#key")
		public CompletableFuture<String> background(String key) {
			RUNS.next("background " + key);
			return CompletableFuture.completedFuture(Thread.currentThread().getName());
		}

		@Idempotent(key = "#key", operation = "payments.named")
		public String named(String key) {
			return "named";
		}

	}

	interface Refunding {

		@Idempotent(key = "#key")
		Map<String, Integer> refund(String key);

	}

	static class Refunds implements Refunding {

		@Override
		public Map<String, Integer> refund(String key) {
			return Map.of(key, RUNS.next("refund " + key));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	@EnableResilientMethods
	static class Methods {

		@Bean
		Payments payments() {
			return new Payments();
		}

		@Bean
		Refunds refunds() {
			return new Refunds();
		}

	}

}
