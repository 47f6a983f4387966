package io.idempotency.redis;

import java.time.Duration;
import java.util.List;

import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Acquisition.Completed;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore.Registration;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredResponse;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A Redis whose memory is used up, and that evicts nothing.
 */
class RedisFullIntegrationTests {

	private static final LeaseTerms TERMS = RedisStoreContract.TERMS;

	private static final Expiry EXPIRY = Expiry.after(Duration.ofHours(1));

	private static final StoredResponse RESPONSE = new StoredResponse(200, List.of(), new byte[10_000]);

	private static final RedisProcess REDIS = RedisProcess.startLocal("maxmemory-policy noeviction");

	private static final LettuceConnectionFactory CONNECTIONS = RedisStoreContract
		.connect(new RedisStandaloneConfiguration(REDIS.host(), REDIS.port()));

	private static final LettuceConnectionFactory OWN_CONNECTIONS = RedisStoreContract.own(CONNECTIONS);

	private static final RedisIdempotencyStore STORE = new RedisIdempotencyStore(OWN_CONNECTIONS, "full:");

	@AfterAll
	static void stop() {
		STORE.close();
		OWN_CONNECTIONS.destroy();
		CONNECTIONS.destroy();
		REDIS.close();
	}

	@AfterEach
	void makeRoom() {
		console("CONFIG SET maxmemory 0");
	}

	@Test
	void refusesNewRecordUntilThereIsRoom() {
		fill();
		Lease lease = Lease.of(new RecordKey("1".repeat(64)));
		assertThatExceptionOfType(StoreFullException.class)
			.isThrownBy(() -> STORE.acquire(lease, Fingerprint.ANY, TERMS))
			.withMessageContaining("Redis at " + REDIS.host() + ":" + REDIS.port())
			.withMessageContaining("maxmemory");
		assertThat(STORE.find(lease.key())).isEmpty();
		makeRoom();
		assertThat(STORE.acquire(lease, Fingerprint.ANY, TERMS)).isInstanceOf(Acquired.class);
	}

	@Test
	void renewsCompletesReleasesAndRemovesWhatIsThere() {
		List<Lease> leases = RedisStoreContract.acquire(STORE, 4);
		Lease completed = leases.get(0);
		fill();
		for (LeaseTerms terms : List.of(TERMS, new LeaseTerms(Duration.ofMinutes(1), Expiry.never()))) {
			assertThat(STORE.renew(completed, terms)).isTrue();
			assertThat(STORE.renewAll(leases, terms).values()).hasSize(4)
				.allSatisfy((answer) -> assertThat(answer)
					.succeedsWithin(Duration.ofSeconds(5), InstanceOfAssertFactories.BOOLEAN)
					.isTrue());
			assertThat(STORE.acquire(completed, Fingerprint.ANY, terms)).isInstanceOf(Acquired.class);
		}
		assertThat(STORE.complete(completed, RESPONSE, EXPIRY)).isTrue();
		assertThat(STORE.find(completed.key()).map(StoredRecord::content))
			.contains(new Completed(Fingerprint.ANY, RESPONSE));
		assertThat(STORE.complete(leases.get(1), RESPONSE, Expiry.never())).isTrue();
		assertThat(STORE.release(leases.get(2))).isTrue();
		assertThat(STORE.remove(leases.get(3).key())).isTrue();
	}

	@Test
	void takesOverWhatIsThere() {
		Lease lapsed = Lease.of(new RecordKey("2".repeat(64)));
		STORE.acquire(lapsed, Fingerprint.ANY, new LeaseTerms(Duration.ofMillis(1), Expiry.never()));
		fill();
		await().untilAsserted(() -> assertThat(STORE.acquire(Lease.of(lapsed.key()), Fingerprint.ANY, TERMS))
			.isInstanceOf(Acquired.class));
	}

	@Test
	void runsScriptsThatItDoesNotKnow() {
		Lease lease = RedisStoreContract.acquire(STORE, 1).get(0);
		fill();
		console("SCRIPT FLUSH");
		assertThat(STORE.renew(lease, TERMS)).isTrue();
		assertThat(STORE.complete(lease, RESPONSE, EXPIRY)).isTrue();
	}

	@Test
	void letsRequestsWaitForWhatIsThere() {
		Lease lease = RedisStoreContract.acquire(STORE, 1).get(0);
		fill();
		try (Registration registration = STORE.onChange(lease.key(), () -> {
		})) {
			assertThat(registration).isNotNull();
		}
	}

	/**
	 * Makes what Redis uses by itself too much.
	 */
	private static void fill() {
		console("CONFIG SET maxmemory 1");
	}

	private static void console(String command) {
		try (RedisConsole console = RedisConsole.connect(REDIS)) {
			console.send(command);
		}
	}

}
