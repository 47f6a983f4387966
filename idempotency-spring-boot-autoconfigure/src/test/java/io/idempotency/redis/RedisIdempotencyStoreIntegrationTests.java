package io.idempotency.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

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
import io.idempotency.store.StoredResponse.Header;
import io.idempotency.store.StoredStep;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.serializer.StringRedisSerializer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("compatibility")
class RedisIdempotencyStoreIntegrationTests extends RedisStoreContract {

	private static final Fingerprint FINGERPRINT = new Fingerprint("f".repeat(64));

	private static final RecordKey KEY = new RecordKey("0".repeat(64));

	private static final String REDIS_KEY = PREFIX + KEY.hex();

	private static final String NOT_STORED = new String(OutcomeCodec.plain().encode(KEY, new ResponseNotStored()),
			StandardCharsets.ISO_8859_1);

	private final StringRedisTemplate redis = new StringRedisTemplate(connections());

	RedisIdempotencyStoreIntegrationTests() {
		super(new Server(new RedisStandaloneConfiguration(RedisProcess.shared().host(), RedisProcess.shared().port()),
				() -> {
				}));
		this.redis.setValueSerializer(new StringRedisSerializer(StandardCharsets.ISO_8859_1));
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
	void keepsEverythingInOneString() {
		Lease lease = Lease.of(KEY);
		long token = ((Acquired) store().acquire(lease, FINGERPRINT, TERMS)).fencingToken();
		String start = "ik%s\0\u0016" + lease.ownerToken() + " " + "\u00ff".repeat(32);
		assertThat(value()).startsWith(start.formatted("r")).hasSize(start.length() - 1 + 28);
		store().complete(lease, new ResponseNotStored(), Expiry.never());
		String tokenInBytes = new String(ByteBuffer.allocate(8).putLong(token).array(), StandardCharsets.ISO_8859_1);
		assertThat(value()).isEqualTo(start.formatted("c") + tokenInBytes + NOT_STORED);
	}

	@Test
	void doesNotReadTruncatedOutcome() {
		complete();
		putOutcome(NOT_STORED.substring(0, 4));
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

	@Test
	void doesNotReadFingerprintOfOtherLength() {
		complete();
		put(value().replace(" " + "\u00ff".repeat(32), "\u0004fake"));
		assertUnreadable("no valid fingerprint");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 3, 10, 40, 60, 75, 86 })
	void doesNotReadTruncatedClaim(int length) {
		store().acquire(Lease.of(KEY), FINGERPRINT, TERMS);
		put(value().substring(0, length));
		assertUnreadable("not an idempotency record");
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 12, 40 })
	void doesNotReadTruncatedSteps(int missing) {
		Lease lease = Lease.of(KEY);
		store().acquire(lease, FINGERPRINT, TERMS);
		store().storeStep(lease, new StoredStep(0, "reserve", "", Instant.EPOCH, new ResponseNotStored()),
				Expiry.never());
		put(value().substring(0, value().length() - missing));
		assertUnreadable("not an idempotency record");
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

	@ParameterizedTest
	@ValueSource(strings = { "", "ik", "ikr", "ikc\0\u0001", "ikz\0\u0001o\0 and more of it",
			"ikr\0\u0001o\0 too long by far, and more", "IKr\0\u0001o\0sixteen-letters-" })
	void doesNotReadStringThatIsNearlyOurs(String value) {
		put(value);
		assertUnreadable("not an idempotency record");
	}

	private void complete() {
		Lease lease = Lease.of(KEY);
		assertThat(store().acquire(lease, FINGERPRINT, TERMS)).isInstanceOf(Acquired.class);
		assertThat(store().complete(lease, new ResponseNotStored(), Expiry.never())).isTrue();
	}

	private void putOutcome(String outcome) {
		put(value().replace(NOT_STORED, outcome));
	}

	/**
	 * Returns the record, each byte as a character.
	 */
	private String value() {
		return Objects.requireNonNull(this.redis.opsForValue().get(REDIS_KEY));
	}

	private void put(String value) {
		this.redis.opsForValue().set(REDIS_KEY, value);
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
		byte[] lapsedWithToken = ByteBuffer.allocate(28).putLong(0).putLong(ahead).array();
		put(value().substring(0, value().length() - 28) + new String(lapsedWithToken, StandardCharsets.ISO_8859_1));
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

	/**
	 * Random bytes, which do not deflate, take what any string of more than 1 KB does.
	 */
	@Test
	void recordCostsLittleBesideItsResponse() {
		byte[] random = new byte[1024];
		new Random(1).nextBytes(random);
		String customer = "{\"id\":\"%s\",\"amount\":%d,\"currency\":\"EUR\",\"status\":\"captured\"}";
		String json = new Random(1).ints(20, 1, 100_000)
			.mapToObj((amount) -> customer.formatted(UUID.nameUUIDFromBytes(new byte[] { (byte) amount }), amount))
			.collect(Collectors.joining(",", "[", "]"));
		int ofRandom = bytesInRedis(random) - 1024;
		int ofJson = bytesInRedis(json.substring(0, 1024).getBytes(StandardCharsets.US_ASCII)) - 1024;
		System.out.println("Bytes in Redis beside a response of 1 KB: %d if it is random, %d if it is JSON"
			.formatted(ofRandom, ofJson));
		assertThat(ofRandom).isLessThanOrEqualTo(400);
		assertThat(ofJson).isLessThanOrEqualTo(0);
	}

	private int bytesInRedis(byte[] body) {
		RedisIdempotencyStore store = new RedisIdempotencyStore(connections(), "idempotency:");
		Lease lease = Lease.of(KEY);
		store.acquire(lease, FINGERPRINT, TERMS);
		StoredResponse response = new StoredResponse(200, List.of(new Header("Content-Type", "application/json")),
				body);
		store.complete(lease, response, Expiry.after(Duration.ofHours(24)));
		try (RedisConsole console = RedisConsole.connect(RedisProcess.shared())) {
			return Integer.parseInt(console.send("MEMORY USAGE idempotency:" + KEY.hex()));
		}
		finally {
			store.remove(KEY);
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
		for (IdempotencyStore store : new IdempotencyStore[] { store(), otherInstance() }) {
			try (RedisConsole console = RedisConsole.connect(RedisProcess.shared())) {
				console.send("SCRIPT FLUSH");
			}
			assertThat(store.release(Lease.of(KEY))).isFalse();
		}
	}

}
