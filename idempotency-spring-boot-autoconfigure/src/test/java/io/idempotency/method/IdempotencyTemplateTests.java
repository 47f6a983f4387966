package io.idempotency.method;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContextHolder;
import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestOutcome;
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
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ParameterizedTypeReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * V1: work that is given to the template runs once for each key.
 */
@Tag("quick")
class IdempotencyTemplateTests {

	private static Worker worker;

	private static IdempotencyOperations operations;

	private static final AtomicInteger runs = new AtomicInteger();

	@BeforeAll
	static void start() {
		worker = Worker.start(List.of(Heard.class), StoreKind.MEMORY, "idempotency.max-result-size=2KB");
		operations = worker.bean(IdempotencyOperations.class);
	}

	@AfterAll
	static void stop() {
		assertThat(worker.bean(IdempotencyEngine.class).leasesHeld()).as("leases left").isZero();
		worker.close();
	}

	@Test
	@DisplayName("V1: the first call runs, a later one gets its result as the declared type")
	void givesLaterCallResultOfFirst() {
		String key = TestApp.newKey();
		Payment first = pay(key, 1);
		Payment later = pay(key, 1);
		assertThat(first.number()).isEqualTo(later.number());
		assertThat(later).isEqualTo(first).isNotSameAs(first);
		assertThat(outcomes(key)).containsExactly(RequestOutcome.FIRST, RequestOutcome.REPLAY);
	}

	@Test
	@DisplayName("V1: equal keys of different operations have nothing to do with each other")
	void operationsAreApart() {
		String key = TestApp.newKey();
		assertThat(operations.<String, RuntimeException>execute("one", key, String.class, (context) -> "1"))
			.isEqualTo("1");
		assertThat(operations.<String, RuntimeException>execute("two", key, String.class, (context) -> "2"))
			.isEqualTo("2");
	}

	@Test
	@DisplayName("V1: null and nothing are results")
	void nothingIsResult() {
		String key = TestApp.newKey();
		AtomicInteger calls = new AtomicInteger();
		for (int i = 0; i < 2; i++) {
			assertThat(operations.<Payment, RuntimeException>execute("null", key, Payment.class, (context) -> {
				calls.incrementAndGet();
				return null;
			})).isNull();
			operations.executeWithoutResult("nothing", key, (context) -> calls.incrementAndGet());
		}
		assertThat(calls).hasValue(2);
	}

	@Test
	@DisplayName("V1: generic results are read back as what they are")
	void readsGenericResults() {
		IdempotentOperation<Map<String, List<Payment>>> operation = IdempotentOperation.of("generic", TestApp.newKey(),
				new ParameterizedTypeReference<Map<String, List<Payment>>>() {
				});
		Map<String, List<Payment>> result = Map.of("a",
				List.of(new Payment("1", new BigDecimal("1.50"), Instant.EPOCH, Optional.of(Kind.CARD)),
						new Payment("2", BigDecimal.TEN, Instant.EPOCH, Optional.empty())));
		for (int i = 0; i < 2; i++) {
			assertThat(operations.<Map<String, List<Payment>>, RuntimeException>execute(operation, (context) -> result))
				.isEqualTo(result);
		}
	}

	@Test
	@DisplayName("F2: another fingerprint with the key is an error, and the result is unharmed")
	void refusesOtherContent() {
		String key = TestApp.newKey();
		Object content = Map.of("amount", 1, "to", List.of("a", "b"));
		String first = operations.<String, RuntimeException>execute("compared", key, content, String.class,
				(context) -> "done");
		assertThatExceptionOfType(IdempotencyKeyReusedException.class)
			.isThrownBy(() -> operations.<String, RuntimeException>execute("compared", key, Map.of("amount", 2),
					String.class, (context) -> "again"))
			.withMessageContaining("compared")
			.withMessageNotContaining(key);
		assertThat(operations.<String, RuntimeException>execute("compared", key,
				new TreeMap<>(Map.of("to", List.of("a", "b"), "amount", 1)), String.class, (context) -> "again"))
			.isEqualTo(first);
	}

	@Test
	@DisplayName("S5: an exception reaches the caller unchanged and frees the key")
	void exceptionFreesKey() {
		String key = TestApp.newKey();
		IOException failure = new IOException("no network");
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> operations.<String, IOException>execute("failing", key, String.class, (context) -> {
				throw failure;
			}))
			.isSameAs(failure);
		assertThat(operations.<String, RuntimeException>execute("failing", key, String.class, (context) -> "done"))
			.isEqualTo("done");
	}

	@Test
	@DisplayName("V1: an exception that is an answer is thrown again, with its properties, as the nearest declared type")
	void storesExceptions() {
		IdempotentOperation<Payment> operation = IdempotentOperation.of("declined", TestApp.newKey(), Payment.class)
			.storingExceptions(RuntimeException.class, Declined.class);
		Declined first = new Declined("not covered", 51);
		assertThatExceptionOfType(Declined.class)
			.isThrownBy(() -> operations.<Payment, RuntimeException>execute(operation, (context) -> {
				throw first;
			}))
			.isSameAs(first);
		assertThatExceptionOfType(Declined.class)
			.isThrownBy(() -> operations.<Payment, RuntimeException>execute(operation, (context) -> payment()))
			.withMessage("not covered")
			.satisfies((declined) -> assertThat(declined.getCode()).isEqualTo(51))
			.isNotSameAs(first);
	}

	@Test
	@DisplayName("V1: an exception that is no longer declared is an error, and the work does not run")
	void refusesExceptionThatIsNoLongerDeclared() {
		String key = TestApp.newKey();
		IdempotentOperation<String> operation = IdempotentOperation.of("undeclared", key, String.class);
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(
				() -> operations.execute(operation.storingExceptions(IllegalStateException.class), (context) -> {
					throw new IllegalStateException("an answer");
				}));
		assertThatExceptionOfType(IdempotencyResultException.class)
			.isThrownBy(() -> operations.<String, RuntimeException>execute(operation, (context) -> "again"))
			.withMessageContaining(IllegalStateException.class.getName());
	}

	@Test
	@DisplayName("C1: a concurrent call is refused; C2: or waits, and gets the result")
	void concurrentCallIsRefusedOrWaits() throws Exception {
		String key = TestApp.newKey();
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		IdempotentOperation<String> operation = IdempotentOperation.of("slow", key, String.class);
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			Future<@Nullable String> first = threads
				.submit(() -> operations.<String, InterruptedException>execute(operation, (context) -> {
					running.countDown();
					go.await();
					return "first";
				}));
			assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
			assertThatExceptionOfType(IdempotencyInProgressException.class)
				.isThrownBy(() -> operations.<String, RuntimeException>execute(operation, (context) -> "second"))
				.matches(IdempotentCallException::isTemporary);
			assertThatExceptionOfType(IdempotencyInProgressException.class).isThrownBy(() -> operations
				.<String, RuntimeException>execute(operation.waitTimeout(Duration.ofMillis(50)), (context) -> "second"))
				.withMessageContaining("wait timeout");
			Future<@Nullable String> waiting = threads
				.submit(() -> operations.<String, RuntimeException>execute(operation.waitTimeout(Duration.ofMinutes(1)),
						(context) -> "second"));
			await().until(() -> worker.bean(IdempotencyEngine.class).waiting() == 1);
			go.countDown();
			assertThat(first.get()).isEqualTo("first");
			assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("first");
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	@DisplayName("C2: if the first call fails, exactly one of those that wait runs")
	void oneOfWaitingCallsRunsAfterFailure() throws Exception {
		String key = TestApp.newKey();
		CountDownLatch go = new CountDownLatch(1);
		AtomicInteger calls = new AtomicInteger();
		IdempotentOperation<Integer> operation = IdempotentOperation.of("flaky", key, Integer.class)
			.waitTimeout(Duration.ofMinutes(1));
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			List<Future<@Nullable Integer>> futures = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				futures.add(threads.submit(() -> operations.<Integer, Exception>execute(operation, (context) -> {
					int call = calls.incrementAndGet();
					if (call == 1) {
						go.await();
						throw new IOException("the first fails");
					}
					return call;
				})));
			}
			await().until(() -> worker.bean(IdempotencyEngine.class).waiting() == 7);
			go.countDown();
			int failed = 0;
			for (Future<@Nullable Integer> future : futures) {
				try {
					assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo(2);
				}
				catch (ExecutionException ex) {
					assertThat(ex).hasCauseInstanceOf(IOException.class);
					failed++;
				}
			}
			assertThat(failed).isOne();
			assertThat(calls).hasValue(2);
		}
		finally {
			threads.shutdownNow();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "   " })
	@DisplayName("A blank key is no key")
	void refusesBlankKey(String key) {
		refusesKey(key);
	}

	@Test
	@DisplayName("K5: a key may have 255 characters, and no more")
	void refusesLongKey() {
		refusesKey("x".repeat(10_000));
		refusesKey("x".repeat(256));
		assertThat(operations.<String, RuntimeException>execute("long key", "x".repeat(255), String.class,
				(context) -> "done"))
			.isEqualTo("done");
	}

	private static void refusesKey(String key) {
		assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
			.isThrownBy(() -> operations.<String, RuntimeException>execute("bad key", key, String.class, (context) -> {
				throw new AssertionError("The work runs");
			}));
	}

	@Test
	@DisplayName("S3: a result that is too long reaches the first caller; later ones get an error, and the work does not run again")
	void longResultIsNotStored() {
		String key = TestApp.newKey();
		String text = "x".repeat(10 * 1024 * 1024);
		AtomicInteger calls = new AtomicInteger();
		IdempotentWork<String, RuntimeException> work = (context) -> {
			calls.incrementAndGet();
			return text;
		};
		assertThat(operations.execute("long", key, String.class, work)).isSameAs(text);
		assertThatExceptionOfType(IdempotencyResultException.class)
			.isThrownBy(() -> operations.execute("long", key, String.class, work))
			.matches((exception) -> !exception.isTemporary());
		assertThat(calls).hasValue(1);
	}

	@ParameterizedTest
	@ValueSource(classes = { NoProperties.class, Object.class, Comparable.class, NoConstructor.class, Runnable.class,
			HoldsUnreadable.class, NamesClasses.class })
	@DisplayName("V1: a type that cannot be stored is found before the work runs")
	void refusesTypeBeforeWorkRuns(Class<?> type) {
		assertThatExceptionOfType(IdempotencyResultException.class)
			.isThrownBy(() -> operations.execute("type", TestApp.newKey(), type, (context) -> {
				throw new AssertionError("The work runs");
			}))
			.withMessageContaining("did not run");
	}

	@Test
	@DisplayName("V1: a value that turns out not to be writable reaches the first caller, and the work does not run again")
	void unwritableValueIsNotStored() {
		String key = TestApp.newKey();
		assertThat(operations.<Fragile, RuntimeException>execute("fragile", key, Fragile.class,
				(context) -> new Fragile(null)))
			.isNotNull();
		assertThatExceptionOfType(IdempotencyResultException.class).isThrownBy(() -> operations
			.<Fragile, RuntimeException>execute("fragile", key, Fragile.class, (context) -> new Fragile("fine")));
	}

	@Test
	@DisplayName("V1: a result of a type that has changed since is an error, never another result")
	void refusesResultOfChangedType() {
		String key = TestApp.newKey();
		operations.<Before, RuntimeException>execute("changed", key, Before.class, (context) -> new Before("1", 5));
		for (Class<?> type : List.of(Renamed.class, Retyped.class, Removed.class, AddedNumber.class, Integer.class)) {
			assertThatExceptionOfType(IdempotencyResultException.class).as("%s", type)
				.isThrownBy(() -> operations.execute("changed", key, type, (context) -> {
					throw new AssertionError("The work runs");
				}))
				.withMessageContaining(Before.class.getName());
		}
		assertThat(operations.<AddedText, RuntimeException>execute("changed", key, AddedText.class, (context) -> {
			throw new AssertionError("The work runs");
		})).isEqualTo(new AddedText("1", 5, null));
	}

	@Test
	@DisplayName("V1: a result that comes later is stored then, and its lease is kept until then")
	void storesLaterResult() throws Exception {
		IdempotentOperation<String> operation = IdempotentOperation.of("async", TestApp.newKey(), String.class);
		CompletableFuture<String> result = new CompletableFuture<>();
		CompletionStage<String> first = operations.<String, RuntimeException>executeAsync(operation,
				(context) -> result);
		assertThat(first.toCompletableFuture()).isNotDone();
		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> operations.<String, RuntimeException>executeAsync(operation, (context) -> result));
		result.complete("later");
		assertThat(first.toCompletableFuture().get()).isEqualTo("later");
		assertThat(operations
			.<String, RuntimeException>executeAsync(operation, (context) -> CompletableFuture.completedFuture("again"))
			.toCompletableFuture()
			.get()).isEqualTo("later");
	}

	@Test
	@DisplayName("V1: a result that fails later frees the key")
	void laterFailureFreesKey() throws Exception {
		IdempotentOperation<String> operation = IdempotentOperation.of("async failure", TestApp.newKey(), String.class);
		CompletionStage<String> first = operations.<String, RuntimeException>executeAsync(operation,
				(context) -> CompletableFuture.failedFuture(new IOException("later")));
		assertThat(first.toCompletableFuture()).failsWithin(Duration.ofSeconds(10));
		assertThat(operations
			.<String, RuntimeException>executeAsync(operation, (context) -> CompletableFuture.completedFuture("again"))
			.toCompletableFuture()
			.get()).isEqualTo("again");
	}

	@Test
	@DisplayName("P2, O5: the work knows its key, its lease, and keys for calls to others")
	void givesContext() {
		String key = TestApp.newKey();
		List<String> derived = new ArrayList<>();
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(IllegalStateException.class)
				.isThrownBy(() -> operations.executeWithoutResult("context", key, (context) -> {
					assertThat(context.key()).isEqualTo(key);
					assertThat(context.isLeaseHeld()).isTrue();
					assertThat(context.fencingToken()).isPositive();
					assertThat(context.isRetry()).isFalse();
					assertThat(IdempotencyContextHolder.getContext()).isSameAs(context);
					derived.add(context.derivedKey("charge"));
					throw new IllegalStateException();
				}));
		}
		assertThat(derived.get(0)).isEqualTo(derived.get(1));
		assertThat(IdempotencyContextHolder.getContext()).isNull();
	}

	@Test
	@DisplayName("Work within work has the inner context, and the outer one afterwards")
	void nestsContexts() {
		String inner = TestApp.newKey();
		operations.executeWithoutResult("outer", TestApp.newKey(), (outer) -> {
			operations.executeWithoutResult("inner", inner, (context) -> assertThat(holder().key()).isEqualTo(inner));
			assertThat(holder()).isSameAs(outer);
		});
	}

	private static IdempotencyContext holder() {
		IdempotencyContext context = IdempotencyContextHolder.getContext();
		assertThat(context).isNotNull();
		return Objects.requireNonNull(context);
	}

	@Test
	void operationNeedsName() {
		assertThatIllegalArgumentException().isThrownBy(() -> operations.executeWithoutResult(" ", "key", (context) -> {
		}));
	}

	private static Payment pay(String key, int amount) {
		return Objects.requireNonNull(operations.<Payment, RuntimeException>execute("pay", key, amount, Payment.class,
				(context) -> payment()));
	}

	private static Payment payment() {
		return new Payment("p" + runs.incrementAndGet(), new BigDecimal("10.00"), Instant.parse("2026-01-01T10:00:00Z"),
				Optional.of(Kind.CARD));
	}

	private static List<RequestOutcome> outcomes(String key) {
		return worker.bean(Heard.class).events.stream()
			.filter((event) -> CallKeys.recordKey("pay", key).equals(event.recordKey()))
			.peek((event) -> assertThat(event.entry()).isEqualTo(Entry.METHOD))
			.map(IdempotencyEvent::outcome)
			.toList();
	}

	record Payment(String number, BigDecimal amount, Instant at, Optional<Kind> kind) {
	}

	enum Kind {

		CARD, CASH

	}

	static class Declined extends RuntimeException {

		private final int code;

		@JsonCreator
		Declined(@JsonProperty("message") String message, @JsonProperty("code") int code) {
			super(message);
			this.code = code;
		}

		public int getCode() {
			return this.code;
		}

	}

	static class NoProperties {

		@SuppressWarnings("unused")
		private final int hidden = 1;

	}

	static class NoConstructor {

		private final String name;

		NoConstructor(String one, String other) {
			this.name = one + other;
		}

		public String getName() {
			return this.name;
		}

	}

	record HoldsUnreadable(List<NoConstructor> inner) {
	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
	record NamesClasses(String name) {
	}

	record Fragile(@Nullable String text) {

		public int getLength() {
			return Objects.requireNonNull(this.text).length();
		}

	}

	record Before(String id, int amount) {
	}

	record Renamed(String id, int amountInCents) {
	}

	record Retyped(String id, String amount) {
	}

	record Removed(String id) {
	}

	record AddedNumber(String id, int amount, int fee) {
	}

	record AddedText(String id, int amount, @Nullable String note) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Heard {

		private final List<IdempotencyEvent> events = new CopyOnWriteArrayList<>();

		@Bean
		IdempotencyListener hearing() {
			return new IdempotencyListener() {

				@Override
				public void onRequest(IdempotencyEvent event) {
					Heard.this.events.add(event);
				}

			};
		}

	}

}
