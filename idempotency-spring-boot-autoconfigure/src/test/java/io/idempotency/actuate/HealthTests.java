package io.idempotency.actuate;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.idempotency.actuate.ManagedPayments.FailingStore;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.policy.EngineProperties.OnStoreFailure;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.NotAcknowledgedException;
import io.idempotency.store.RecordKey;
import io.idempotency.testing.DelegatingStore;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

@Tag("compatibility")
class HealthTests {

	private static TestApp app(Class<?> configuration, String... properties) {
		return TestApp.shared(List.of(configuration), StoreKind.MEMORY,
				Stream
					.concat(Stream.of("test.actuator=true", "management.endpoint.health.show-details=always",
							"management.endpoint.health.probes.enabled=true"), Stream.of(properties))
					.toArray(String[]::new));
	}

	@Test
	@DisplayName("A store that answers is up, and named")
	void showsStoreThatAnswers() {
		JsonNode health = health(app(NoStore.class), 200);
		assertThat(health.path("status").asString()).isEqualTo("UP");
		assertThat(health.path("details").path("store").asString()).isEqualTo("MemoryIdempotencyStore");
	}

	@Test
	@DisplayName("O4: the memory store shows how full it is")
	void showsHowFullStoreIs() {
		TestApp app = app(NoStore.class, "idempotency.memory.max-entries=2", "idempotency.memory.max-size=10MB");
		MemoryIdempotencyStore store = app.bean(MemoryIdempotencyStore.class);
		store.clear();
		assertThat(health(app, 200).path("details").path("usage"))
			.isEqualTo(json("{'entries':0,'maxEntries':2,'bytes':0,'maxBytes':10485760}"));
		acquire(store);
		acquire(store);
		JsonNode details = health(app, 200).path("details");
		assertThat(details.path("usage").path("entries").asInt()).isEqualTo(2);
		assertThat(details.path("usage").path("bytes").asLong()).isPositive();
		assertThat(details.path("full").asString()).as("it answers retries").contains("idempotency.memory.max-entries");
	}

	private static void acquire(IdempotencyStore store) {
		store.acquire(Lease.of(RecordKey.random()), Fingerprint.ANY, new LeaseTerms(Duration.ofHours(1), null));
	}

	private static JsonNode json(String text) {
		return JsonMapper.shared().readTree(text.replace('\'', '"'));
	}

	@Test
	@DisplayName("E4: a store that can be read, but takes no claims, is down")
	void isDownWhenStoreTakesNoClaims() {
		IdempotencyStore store = new ProbedStore() {
			@Override
			public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
				throw new IllegalStateException("Read only");
			}
		};
		assertThat(store.find(RecordKey.random())).isEmpty();
		assertThat(new StoreHealthIndicator(store, OnStoreFailure.REJECT).health().getStatus()).isEqualTo(Status.DOWN);
	}

	@Test
	@DisplayName("A store whose replicas do not acknowledge claims answers retries, and is up with the reason")
	void staysUpWhenReplicasAreBehind() {
		ProbedStore store = new ProbedStore() {
			@Override
			public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
				super.acquire(lease, fingerprint, terms);
				throw new NotAcknowledgedException("Replicas are behind");
			}
		};
		Health health = new StoreHealthIndicator(store, OnStoreFailure.REJECT).health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("unacknowledged", "Replicas are behind");
		assertThat(store.records.usage().entries()).isZero();
	}

	@Test
	@DisplayName("Each probe frees what it claims, and disturbs neither requests nor other instances")
	void probesLeaveNothing() {
		ProbedStore store = new ProbedStore();
		StoreHealthIndicator one = new StoreHealthIndicator(store, OnStoreFailure.REJECT);
		StoreHealthIndicator other = new StoreHealthIndicator(store, OnStoreFailure.REJECT);
		for (StoreHealthIndicator instance : List.of(one, one, other)) {
			assertThat(instance.health().getStatus()).isEqualTo(Status.UP);
		}
		assertThat(store.probes).hasSize(3);
		assertThat(store.probes).extracting(Lease::ownerToken).doesNotHaveDuplicates();
		assertThat(store.probes).extracting(Lease::key).satisfies((keys) -> {
			assertThat(keys.get(1)).isEqualTo(keys.get(0));
			assertThat(keys.get(2)).isNotEqualTo(keys.get(0));
		});
		assertThat(store.records.usage().entries()).isZero();
	}

	@Test
	@DisplayName("Several stores are shown one by one")
	void showsEachStore() {
		JsonNode health = health(app(ManagedPayments.class), 200);
		assertThat(health.path("components").propertyNames()).containsExactlyInAnyOrder("mainStore", "otherStore");
		assertThat(health.path("status").asString()).isEqualTo("UP");
	}

	@Test
	@DisplayName("E4: with on-store-failure=reject, a store that fails takes the application down, but not its liveness")
	void isDownWhenStoreFails() {
		TestApp app = app(Failing.class);
		app.bean(FailingStore.class).fail(new IllegalStateException("The store is away"));
		JsonNode health = health(app, 503);
		assertThat(health.path("status").asString()).isEqualTo("DOWN");
		assertThat(health.path("details").path("store").asString()).isEqualTo("FailingStore");
		assertThat(health.path("details").path("error").asString()).contains("The store is away");
		HttpResponse<byte[]> liveness = get(app, "/actuator/health/liveness");
		assertThat(liveness.statusCode()).isEqualTo(200);
		assertThat(TestApp.text(liveness)).doesNotContain("idempotency");
	}

	@Test
	@DisplayName("E4: with on-store-failure=proceed, a store that fails leaves the application up, with the reason")
	void staysUpWhenRequestsProceed() {
		TestApp app = app(Failing.class, "idempotency.on-store-failure=proceed");
		app.bean(FailingStore.class).fail(new IllegalStateException("The store is away"));
		JsonNode health = health(app, 200);
		assertThat(health.path("status").asString()).isEqualTo("UP");
		assertThat(health.path("details").path("failure").asString()).contains("The store is away");
		assertThat(health.path("details").path("consequence").asString()).contains("unprotected");
	}

	@Test
	@DisplayName("A store that hangs is down, and holds no more than one thread")
	void isDownWhenStoreHangs() {
		TestApp app = app(Failing.class);
		FailingStore store = app.bean(FailingStore.class);
		CountDownLatch answer = store.hang();
		try {
			assertThat(health(app, 503).path("details").path("error").asString()).contains("No answer");
			assertThat(health(app, 503).path("details").path("error").asString()).contains("No answer");
			assertThat(Thread.getAllStackTraces().keySet())
				.filteredOn((thread) -> thread.getName().startsWith("idempotency-health-"))
				.hasSize(1);
		}
		finally {
			answer.countDown();
		}
	}

	@Test
	@DisplayName("A store that cannot be asked is neither up nor down")
	void isUnknownWhenStoreCannotBeAsked() {
		TestApp app = app(Failing.class);
		app.bean(FailingStore.class).fail(new UnsupportedOperationException("does not show its records"));
		JsonNode health = health(app, 200);
		assertThat(health.path("status").asString()).isEqualTo("UNKNOWN");
		assertThat(health.path("details").path("reason").asString()).isEqualTo("does not show its records");
	}

	@Test
	@DisplayName("management.health.idempotency.enabled=false turns it off")
	void canBeTurnedOff() {
		TestApp app = app(NoStore.class, "management.health.idempotency.enabled=false");
		assertThat(get(app, "/actuator/health/idempotency").statusCode()).isEqualTo(404);
		assertThat(TestApp.text(get(app, "/actuator/health"))).contains("\"ping\"").doesNotContain("\"idempotency\"");
	}

	private static JsonNode health(TestApp app, int status) {
		HttpResponse<byte[]> health = get(app, "/actuator/health/idempotency");
		assertThat(health.statusCode()).isEqualTo(status);
		return JsonMapper.shared().readTree(health.body());
	}

	private static HttpResponse<byte[]> get(TestApp app, String path) {
		return app.send(app.request("GET", path, null, new byte[0]).build());
	}

	@Configuration(proxyBeanMethods = false)
	static class NoStore {

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		FailingStore failingStore() {
			return new FailingStore();
		}

	}

	/**
	 * A store that remembers who claimed a record.
	 */
	static class ProbedStore extends DelegatingStore {

		final MemoryIdempotencyStore records;

		final List<Lease> probes = new CopyOnWriteArrayList<>();

		ProbedStore() {
			this(new MemoryIdempotencyStore(10));
		}

		private ProbedStore(MemoryIdempotencyStore records) {
			super(records);
			this.records = records;
		}

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			this.probes.add(lease);
			return super.acquire(lease, fingerprint, terms);
		}

	}

}
