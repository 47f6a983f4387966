package io.idempotency.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.assertj.core.api.MapAssert;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Handlers that take longer than the lease, and instances that lose it: the first
 * instance can be cut off from the store, the second goes on. Where the store cannot be
 * shared, one instance plays both.
 */
@ParameterizedClass
@EnumSource
class LeaseTests {

	private static final Duration LEASE = Duration.ofMillis(400);

	private static final Map<String, Handling> HANDLINGS = new ConcurrentHashMap<>();

	private static final Map<StoreKind, Instances> INSTANCES = new EnumMap<>(StoreKind.class);

	private static final Runs RUNS = new Runs();

	private final TestApp first;

	private final TestApp second;

	private final TestApp firstRefusing;

	private final TestApp secondRefusing;

	LeaseTests(StoreKind store) {
		Instances instances = INSTANCES.computeIfAbsent(store, Instances::start);
		this.first = instances.running().get(0);
		this.second = instances.running().get(instances.running().size() - 1);
		this.firstRefusing = instances.refusing().get(0);
		this.secondRefusing = instances.refusing().get(instances.refusing().size() - 1);
	}

	@AfterAll
	static void close() {
		INSTANCES.values().forEach(Instances::close);
		INSTANCES.clear();
	}

	// C1
	@Test
	void refusesConcurrentRequestUntilFirstHasEnded() {
		String key = TestApp.newKey();
		Handling handling = begin(this.first, key, "first");
		assertProblem(this.second.post("/transfers", key, "{}"), 409, "in-progress").containsKey("retry-after");
		assertThat(handling.end()).isEqualTo("201 first");
		assertReplayed(this.second, key, "first");
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	// F2
	@Test
	void refusesOtherRequestWithSameKeyWhileFirstRuns() {
		String key = TestApp.newKey();
		Handling handling = begin(this.first, key, "first");
		assertProblem(this.second.post("/transfers", key, "{\"other\":1}"), 422, "key-reused");
		assertThat(handling.end()).isEqualTo("201 first");
		assertProblem(this.second.post("/transfers", key, "{\"other\":1}"), 422, "key-reused");
		assertReplayed(this.second, key, "first");
	}

	// C5
	@Test
	void handlerThatTakesLongerThanLeaseRunsOnce() {
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> slow = inThread(() -> this.first.post("/slow-transfers", key, "{}"));
		eventually().until(() -> RUNS.count(key) == 1);
		AtomicInteger refused = new AtomicInteger();
		eventually().until(() -> {
			HttpResponse<byte[]> retry = this.second.post("/slow-transfers", key, "{}");
			if (retry.statusCode() == 409) {
				assertProblem(retry, 409, "in-progress");
				refused.incrementAndGet();
				return false;
			}
			assertThat(retry.statusCode()).isEqualTo(200);
			assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
			return true;
		});
		assertThat(slow.join().statusCode()).isEqualTo(200);
		assertThat(refused).hasPositiveValue();
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	// C5, C7
	@Test
	void instanceThatDiesBlocksKeyOnlyForLease() {
		String key = TestApp.newKey();
		Handling dead = beginAndCutOff(this.first, key, "dead");
		Handling next = takeOver(this.second, key, "next");
		assertThat(next.end()).isEqualTo("201 next");
		assertReplayed(this.second, key, "next");
		assertThat(RUNS.count(key)).isEqualTo(2);
		dead.end();
	}

	// C6
	@Test
	void ownerThatLostLeaseCannotCompleteOverSuccessor() {
		String key = TestApp.newKey();
		Handling lost = beginAndCutOff(this.first, key, "lost");
		Handling owner = takeOver(this.second, key, "owner");
		cutOff(this.first).reconnect();
		assertThat(lost.end()).as("its client gets its response").isEqualTo("201 lost");
		assertProblem(this.first.post("/transfers", key, "{}"), 409, "in-progress");
		assertThat(owner.end()).isEqualTo("201 owner");
		assertReplayed(this.first, key, "owner");
		assertReplayed(this.second, key, "owner");
	}

	// C6
	@Test
	void ownerThatLostLeaseCannotReleaseRecordOfSuccessor() {
		String key = TestApp.newKey();
		Handling lost = beginAndCutOff(this.first, key, "FAIL");
		Handling owner = takeOver(this.second, key, "owner");
		cutOff(this.first).reconnect();
		assertThat(lost.end()).startsWith("500 ");
		assertProblem(this.second.post("/transfers", key, "{}"), 409, "in-progress");
		assertThat(owner.end()).isEqualTo("201 owner");
		assertReplayed(this.first, key, "owner");
	}

	// C6
	@Test
	void ownerThatLostLeaseCannotOverwriteResponseOfSuccessor() {
		String key = TestApp.newKey();
		Handling lost = beginAndCutOff(this.first, key, "lost");
		assertThat(takeOver(this.second, key, "owner").end()).isEqualTo("201 owner");
		cutOff(this.first).reconnect();
		assertThat(lost.end()).isEqualTo("201 lost");
		assertReplayed(this.first, key, "owner");
		assertReplayed(this.second, key, "owner");
	}

	// C5
	@Test
	void ownerGoesOnWhenNobodyTookItsLapsedLeaseOver() {
		String key = TestApp.newKey();
		Handling paused = beginAndCutOff(this.first, key, "paused");
		CutOffStore store = cutOff(this.first);
		int before = store.lostRenewals();
		eventually().until(() -> store.lostRenewals() - before > 3);
		store.reconnect();
		assertThat(paused.end()).isEqualTo("201 paused");
		assertReplayed(this.second, key, "paused");
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	// C7
	@Test
	void refusesToRunAgainWhenOutcomeIsUnknown() {
		String key = TestApp.newKey();
		Handling dead = beginAndCutOff(this.firstRefusing, key, "dead");
		eventually()
			.until(() -> !TestApp.text(this.secondRefusing.post("/transfers", key, "{}")).contains("in-progress"));
		assertProblem(this.secondRefusing.post("/transfers", key, "{}"), 409, "outcome-unknown");
		assertProblem(this.firstRefusing.post("/transfers", key, "{}"), 409, "outcome-unknown");
		assertProblem(this.secondRefusing.post("/transfers", key, "{\"other\":1}"), 422, "key-reused");
		assertThat(RUNS.count(key)).isEqualTo(1);
		dead.end();
	}

	// C7
	@Test
	void ownerThatIsLateCompletesWhereOthersAreRefused() {
		String key = TestApp.newKey();
		Handling late = beginAndCutOff(this.firstRefusing, key, "late");
		eventually()
			.until(() -> TestApp.text(this.secondRefusing.post("/transfers", key, "{}")).contains("outcome-unknown"));
		cutOff(this.firstRefusing).reconnect();
		assertThat(late.end()).isEqualTo("201 late");
		assertReplayed(this.secondRefusing, key, "late");
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	private static ConditionFactory eventually() {
		return await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(10));
	}

	private static <T> CompletableFuture<T> inThread(Supplier<T> call) {
		return CompletableFuture.supplyAsync(call, (task) -> new Thread(task).start());
	}

	private static Handling begin(TestApp app, String key, String response) {
		int runs = RUNS.count(key);
		Handling handling = new Handling(response);
		HANDLINGS.put(key, handling);
		handling.answer = inThread(() -> app.post("/transfers", key, "{}"));
		eventually().until(() -> RUNS.count(key) > runs);
		return handling;
	}

	private static Handling beginAndCutOff(TestApp app, String key, String response) {
		cutOff(app).cutOffNext();
		return begin(app, key, response);
	}

	/**
	 * Sends a request until it runs.
	 */
	private static Handling takeOver(TestApp app, String key, String response) {
		int runs = RUNS.count(key);
		Handling handling = new Handling(response);
		HANDLINGS.put(key, handling);
		handling.answer = inThread(() -> eventually().until(() -> app.post("/transfers", key, "{}"),
				(answer) -> answer.statusCode() != 409));
		eventually().until(() -> RUNS.count(key) > runs);
		return handling;
	}

	private static CutOffStore cutOff(TestApp app) {
		return (CutOffStore) app.bean(IdempotencyStore.class);
	}

	private static MapAssert<String, List<String>> assertProblem(HttpResponse<byte[]> answer, int status, String type) {
		assertThat(TestApp.text(answer)).contains("\"urn:idempotency:problem:" + type + "\"");
		assertThat(answer.statusCode()).isEqualTo(status);
		assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		return assertThat(answer.headers().map());
	}

	private static void assertReplayed(TestApp app, String key, String response) {
		HttpResponse<byte[]> retry = app.post("/transfers", key, "{}");
		assertThat(TestApp.text(retry)).isEqualTo(response);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	/**
	 * The instances on a store.
	 *
	 * @param running those that take over what was abandoned
	 * @param refusing those that do not
	 */
	private record Instances(List<TestApp> running, List<TestApp> refusing) {

		static Instances start(StoreKind store) {
			String[] properties = store.properties();
			int count = (store != StoreKind.MEMORY) ? 2 : 1;
			return new Instances(start(count, properties, "run"), start(count, properties, "refuse"));
		}

		private static List<TestApp> start(int count, String[] properties, String onAbandoned) {
			String[] all = Stream
				.concat(Stream.of(properties), Stream.of("idempotency.lease-duration=" + LEASE.toMillis() + "ms",
						"idempotency.on-abandoned=" + onAbandoned))
				.toArray(String[]::new);
			return Stream.generate(() -> TestApp.start(List.of(Transfers.class, CutOffStores.class), all))
				.limit(count)
				.toList();
		}

		void close() {
			Stream.of(this.running, this.refusing).flatMap(List::stream).forEach(TestApp::close);
		}

	}

	@RestController
	static class Transfers {

		@PostMapping("/transfers")
		ResponseEntity<String> transfer(@RequestHeader("Idempotency-Key") String key) throws InterruptedException {
			Handling handling = HANDLINGS.get(key);
			RUNS.next(key);
			if (handling == null || !handling.mayEnd.await(1, TimeUnit.MINUTES) || handling.response.equals("FAIL")) {
				throw new ResponseStatusException(HttpStatus.INTERNAL_SERVER_ERROR);
			}
			return ResponseEntity.status(201).body(handling.response);
		}

		@PostMapping("/slow-transfers")
		String transferSlowly(@RequestHeader("Idempotency-Key") String key) {
			RUNS.next(key);
			long end = System.nanoTime() + LEASE.multipliedBy(3).toNanos();
			while (System.nanoTime() - end < 0) {
				LockSupport.parkNanos(LEASE.toNanos());
			}
			return "slow";
		}

	}

	/**
	 * A run of the handler, which ends when the test says so.
	 */
	static final class Handling {

		final CountDownLatch mayEnd = new CountDownLatch(1);

		final String response;

		CompletableFuture<HttpResponse<byte[]>> answer = new CompletableFuture<>();

		Handling(String response) {
			this.response = response;
		}

		/**
		 * Ends the run, and returns the status and body that its client gets.
		 */
		String end() {
			this.mayEnd.countDown();
			HttpResponse<byte[]> response = this.answer.join();
			return response.statusCode() + " " + TestApp.text(response);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CutOffStores {

		@Bean
		static BeanPostProcessor cutOff() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String name) {
					return (bean instanceof IdempotencyStore store) ? new CutOffStore(store) : bean;
				}

			};
		}

	}

	/**
	 * A store that an instance can be cut off from with one of its leases: that is not
	 * renewed, which the instance does not notice, and cannot be ended.
	 */
	static final class CutOffStore implements IdempotencyStore {

		private final IdempotencyStore store;

		private final Set<Lease> cutOff = ConcurrentHashMap.newKeySet();

		private final AtomicBoolean next = new AtomicBoolean();

		private final AtomicInteger lostRenewals = new AtomicInteger();

		CutOffStore(IdempotencyStore store) {
			this.store = store;
		}

		/**
		 * Cuts off the next lease that is acquired.
		 */
		void cutOffNext() {
			this.next.set(true);
		}

		void reconnect() {
			this.cutOff.clear();
		}

		int lostRenewals() {
			return this.lostRenewals.get();
		}

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			Acquisition acquisition = this.store.acquire(lease, fingerprint, terms);
			if (acquisition instanceof Acquisition.Acquired && !fingerprint.equals(Fingerprint.ANY)
					&& this.next.compareAndSet(true, false)) {
				this.cutOff.add(lease);
			}
			return acquisition;
		}

		@Override
		public boolean renew(Lease lease, LeaseTerms terms) {
			if (this.cutOff.contains(lease)) {
				this.lostRenewals.incrementAndGet();
				return true;
			}
			return this.store.renew(lease, terms);
		}

		@Override
		public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
			requireConnected(lease);
			return this.store.complete(lease, outcome, expiry);
		}

		@Override
		public boolean release(Lease lease) {
			requireConnected(lease);
			return this.store.release(lease);
		}

		private void requireConnected(Lease lease) {
			if (this.cutOff.contains(lease)) {
				throw new IllegalStateException("Cut off");
			}
		}

	}

}
