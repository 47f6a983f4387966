package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Acquisition.InProgress;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RedisIdempotencyStoreIntegrationTests extends RedisStoreContract {

	private static final Fingerprint FINGERPRINT = new Fingerprint("f".repeat(64));

	private static final RecordKey KEY = new RecordKey("0".repeat(64));

	private static final String REDIS_KEY = PREFIX + KEY.hex();

	private final StringRedisTemplate redis = new StringRedisTemplate(connections());

	RedisIdempotencyStoreIntegrationTests() {
		super(new Server(new RedisStandaloneConfiguration(RedisProcess.shared().host(), RedisProcess.shared().port()),
				() -> {
				}));
	}

	@AfterEach
	void removeRecord() {
		this.redis.delete(REDIS_KEY);
	}

	@Test
	void redisExpiresRecord() {
		Lease lease = Lease.of(KEY);
		store().acquire(lease, FINGERPRINT, TERMS);
		assertThat(this.redis.getExpire(REDIS_KEY)).isBetween(50L, 60L);
		store().renew(lease, new LeaseTerms(Duration.ofMinutes(2), Expiry.after(Duration.ofHours(1))));
		assertThat(this.redis.getExpire(REDIS_KEY)).isBetween(3700L, 3720L);
		store().renew(lease, new LeaseTerms(Duration.ofMinutes(2), Expiry.never()));
		assertThat(this.redis.getExpire(REDIS_KEY)).isEqualTo(-1);
		store().complete(lease, new ResponseNotStored(), Expiry.after(Duration.ofHours(24)));
		assertThat(this.redis.getExpire(REDIS_KEY)).isBetween(86_390L, 86_400L);
	}

	@Test
	void keepsEverythingUnderOneKey() {
		Lease lease = Lease.of(KEY);
		store().acquire(lease, FINGERPRINT, TERMS);
		assertThat(this.redis.opsForHash().keys(REDIS_KEY)).containsOnly("o", "f", "l", "t");
		store().complete(lease, new ResponseNotStored(), Expiry.never());
		assertThat(this.redis.opsForHash().keys(REDIS_KEY)).containsOnly("o", "f", "r");
	}

	@Test
	void doesNotReadTruncatedOutcome() {
		complete();
		byte[] outcome = OutcomeCodec.plain().encode(KEY, new ResponseNotStored());
		putOutcome(new String(outcome, 0, 4, StandardCharsets.ISO_8859_1));
		assertUnreadable("truncated");
	}

	@Test
	void doesNotReadForeignOutcome() {
		complete();
		putOutcome("{\"status\":200}");
		assertUnreadable("not written by this library");
	}

	@Test
	void doesNotReadOutcomeOfLaterVersion() {
		complete();
		putOutcome("IK\u0007 whatever comes then");
		assertUnreadable("format version 7");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "not a digest", "FFFF" })
	void doesNotReadForeignFingerprintOfOutcome(String fingerprint) {
		complete();
		if (fingerprint.isEmpty()) {
			this.redis.opsForHash().delete(REDIS_KEY, "f");
		}
		else {
			this.redis.opsForHash().put(REDIS_KEY, "f", fingerprint);
		}
		assertUnreadable("");
	}

	@Test
	void doesNotReadForeignString() {
		this.redis.opsForValue().set(REDIS_KEY, "another application's");
		assertUnreadable("not an idempotency record");
	}

	@Test
	void doesNotReadForeignList() {
		this.redis.opsForList().rightPushAll(REDIS_KEY, "another", "application's");
		assertUnreadable("not an idempotency record");
	}

	@Test
	void doesNotReadForeignHash() {
		this.redis.opsForHash().putAll(REDIS_KEY, Map.of("name", "another", "r", "application's"));
		assertUnreadable("not an idempotency record");
	}

	@Test
	void doesNotReadForeignHashWithFieldsOfSameName() {
		this.redis.opsForHash().putAll(REDIS_KEY, Map.of("o", "somebody", "name", "another"));
		assertUnreadable("not an idempotency record");
		this.redis.opsForHash().putAll(REDIS_KEY, Map.of("f", "whorls", "l", "2030-01-01"));
		assertUnreadable("not an idempotency record");
		this.redis.opsForHash().delete(REDIS_KEY, "f");
		this.redis.opsForHash().put(REDIS_KEY, "l", "0");
		assertUnreadable("not an idempotency record");
	}

	private void complete() {
		Lease lease = Lease.of(KEY);
		assertThat(store().acquire(lease, FINGERPRINT, TERMS)).isInstanceOf(Acquired.class);
		assertThat(store().complete(lease, new ResponseNotStored(), Expiry.never())).isTrue();
	}

	private void putOutcome(String outcome) {
		this.redis.opsForHash().put(REDIS_KEY, "r", outcome);
	}

	/**
	 * Asserts that the store says what is wrong, and that nothing is overwritten.
	 */
	private void assertUnreadable(String message) {
		byte[] before = this.redis.dump(REDIS_KEY);
		Lease lease = Lease.of(KEY);
		for (LeaseTerms terms : new LeaseTerms[] { TERMS, new LeaseTerms(Duration.ofMinutes(1), Expiry.never()) }) {
			assertThatExceptionOfType(UnreadableRecordException.class)
				.isThrownBy(() -> store().acquire(lease, FINGERPRINT, terms))
				.withMessageContaining(REDIS_KEY)
				.withMessageContaining(message);
		}
		assertThat(changes(() -> store().renew(lease, TERMS))).isFalse();
		assertThat(changes(() -> store().complete(lease, new ResponseNotStored(), Expiry.never()))).isFalse();
		assertThat(changes(() -> store().release(lease))).isFalse();
		assertThat(this.redis.dump(REDIS_KEY)).isEqualTo(before);
		assertThat(this.redis.getExpire(REDIS_KEY)).isEqualTo(-1);
	}

	private static boolean changes(BooleanSupplier call) {
		try {
			return call.getAsBoolean();
		}
		catch (RuntimeException notAHash) {
			return false;
		}
	}

	@Test
	void applicationsWithDifferentPrefixesDoNotShareRecords() {
		RedisIdempotencyStore other = new RedisIdempotencyStore(connections(), PREFIX + "other:");
		Lease lease = Lease.of(KEY);
		store().acquire(lease, FINGERPRINT, TERMS);
		Lease otherLease = Lease.of(KEY);
		assertThat(other.acquire(otherLease, Fingerprint.ANY, TERMS)).isInstanceOf(Acquired.class);
		assertThat(other.release(otherLease)).isTrue();
		assertThat(store().acquire(otherLease, Fingerprint.ANY, TERMS)).isEqualTo(new InProgress(FINGERPRINT));
	}

	@Test
	void tokenGrowsThoughClockOfRedisIsBehind() {
		store().acquire(Lease.of(KEY), FINGERPRINT, TERMS);
		long ahead = 4_000_000_000_000_000L;
		this.redis.opsForHash().put(REDIS_KEY, "t", Long.toString(ahead));
		this.redis.opsForHash().put(REDIS_KEY, "l", "0");
		Lease next = Lease.of(KEY);
		assertThat(store().acquire(next, FINGERPRINT, TERMS)).isEqualTo(new Acquired(ahead + 1));
		assertThat(store().renew(next, TERMS)).isTrue();
		assertThat(store().acquire(next, FINGERPRINT, TERMS)).as("the same lease").isEqualTo(new Acquired(ahead + 1));
		assertThat(store().remove(KEY)).isTrue();
		assertThat(store().acquire(Lease.of(KEY), FINGERPRINT, TERMS)).isEqualTo(new Acquired(ahead + 2));
	}

	@Test
	void saysWhereItIs() {
		assertThat(store())
			.hasToString("Redis at " + RedisProcess.shared().host() + ":" + RedisProcess.shared().port());
	}

	@Test
	void recordCostsLessThanAKilobyteBesideItsResponse() {
		Lease lease = Lease.of(KEY);
		store().acquire(lease, FINGERPRINT, TERMS);
		byte[] body = new byte[1024];
		StoredResponse response = new StoredResponse(200, List.of(), body);
		store().complete(lease, response, Expiry.after(Duration.ofHours(24)));
		try (RedisConsole console = RedisConsole.connect(RedisProcess.shared())) {
			int bytes = Integer.parseInt(console.send("MEMORY USAGE " + REDIS_KEY));
			assertThat(bytes - body.length).isLessThanOrEqualTo(800);
		}
	}

	@Test
	void renewsManyLeasesWithoutWaitingForEachAnswer() {
		try (RedisProcess own = RedisProcess.startLocal()) {
			LettuceConnectionFactory connections = connect(new RedisStandaloneConfiguration(own.host(), own.port()));
			try {
				IdempotencyStore store = new RedisIdempotencyStore(connections, PREFIX);
				List<Lease> leases = acquire(store, 400);
				List<CompletionStage<Boolean>> answers = new ArrayList<>();
				RedisConsole.suspendDuring(own, () -> {
					answers.addAll(store.renewAll(leases, TERMS).values());
					assertThat(answers).hasSize(400).allSatisfy((answer) -> assertThat(answer).isNotDone());
				});
				assertRenewed(answers);
				// Redis forgets the script, and all the answers say so.
				try (RedisConsole console = RedisConsole.connect(own)) {
					console.send("SCRIPT FLUSH");
				}
				assertRenewed(store.renewAll(leases, TERMS).values());
				RedisConsole.kill(own);
				assertThat(store.renewAll(leases, TERMS).values()).hasSize(400)
					.allSatisfy((answer) -> assertThat(answer).failsWithin(Duration.ofSeconds(11)));
			}
			finally {
				connections.destroy();
			}
		}
	}

	private static void assertRenewed(Collection<CompletionStage<Boolean>> answers) {
		assertThat(answers).hasSize(400)
			.allSatisfy((answer) -> assertThat(answer)
				.succeedsWithin(Duration.ofSeconds(5), InstanceOfAssertFactories.BOOLEAN)
				.isTrue());
	}

	@Test
	void worksAfterRedisForgotScripts() {
		complete();
		try (RedisConsole console = RedisConsole.connect(RedisProcess.shared())) {
			console.send("SCRIPT FLUSH");
		}
		assertThat(store().release(Lease.of(KEY))).isFalse();
	}

}
