package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.NotAcknowledgedException;
import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StepLog;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredStep;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;

/**
 * An {@link IdempotencyStore} that keeps each record in one Redis string with an expiry.
 * Every method runs one Lua script on one key, so it is atomic, takes one round trip, and
 * works with a Cluster. Leases are measured with the clock of the Redis server.
 */
public final class RedisIdempotencyStore implements IdempotencyStore, AutoCloseable {

	/**
	 * The answer of {@code acquire.lua} if it has acquired the record.
	 */
	static final String ACQUIRED = "acquired";

	private static final RedisLuaScript ACQUIRE = RedisLuaScript.load("acquire", ReturnType.MULTI);

	private static final RedisLuaScript RENEW = RedisLuaScript.load("renew", ReturnType.INTEGER);

	private static final RedisLuaScript COMPLETE = RedisLuaScript.load("complete", ReturnType.INTEGER);

	private static final RedisLuaScript RELEASE = RedisLuaScript.load("release", ReturnType.INTEGER);

	private static final RedisLuaScript STEP = RedisLuaScript.load("step", ReturnType.INTEGER);

	private static final RedisLuaScript FIND = RedisLuaScript.load("find", ReturnType.MULTI);

	private static final RedisLuaScript REMOVE = RedisLuaScript.load("remove", ReturnType.INTEGER);

	private static final RedisLuaScript AWAIT = RedisLuaScript.load("await", ReturnType.INTEGER);

	private static final String FOR_EVER = "-1";

	/**
	 * How long a removed record is kept as a mark for its owner.
	 */
	private static final Duration REMOVED = Duration.ofHours(1);

	private final RedisCalls redis;

	private final String keyPrefix;

	private final OutcomeCodec codec;

	private final StepLog stepLog;

	private final RedisChanges changes;

	private final String description;

	private final LongAdder unacknowledged = new LongAdder();

	/**
	 * Creates a store that compresses responses.
	 * @param connectionFactory the connections to Redis; their command timeout limits how
	 * long a request waits if Redis does not answer
	 * @param keyPrefix the prefix of the names of Redis keys
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String keyPrefix) {
		this(connectionFactory, keyPrefix, OutcomeCodec.deflating());
	}

	/**
	 * Creates a store.
	 * @param connectionFactory the connections to Redis; their command timeout limits how
	 * long a request waits if Redis does not answer
	 * @param keyPrefix the prefix of the names of Redis keys
	 * @param codec the codec for stored outcomes
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String keyPrefix, OutcomeCodec codec) {
		this(connectionFactory, keyPrefix, codec, null);
	}

	/**
	 * Creates a store.
	 * @param replicated runs scripts and waits for replicas, or {@code null} not to wait
	 */
	RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String keyPrefix, OutcomeCodec codec,
			@Nullable ReplicatedScripts replicated) {
		this.codec = codec;
		this.stepLog = new StepLog(codec);
		this.keyPrefix = keyPrefix;
		this.changes = new RedisChanges(connectionFactory, keyPrefix + "changes");
		this.redis = new RedisCalls(connectionFactory, replicated);
		this.description = this.redis.toString();
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		List<?> answer = claim(lease, fingerprint, terms);
		return switch (string(answer, 0)) {
			case ACQUIRED -> new Acquisition.Acquired(Long.parseLong(string(answer, 1)), steps(answer, lease.key()));
			case "removed" -> new Acquisition.Removed();
			default -> acquisition(answer, lease.key());
		};
	}

	private List<?> claim(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		try {
			return this.redis.runReplicated(ACQUIRE, redisKey(lease.key()), bytes(lease.ownerToken()),
					HexFormat.of().parseHex(fingerprint.hex()), bytes(terms.duration()), abandoned(terms));
		}
		catch (RuntimeException ex) {
			if (RedisLuaScript.answers(ex, "OOM command not allowed")) {
				throw new StoreFullException(
						this + " is full: give it more memory (maxmemory), or records a shorter expiry", ex);
			}
			throw ex;
		}
	}

	private Acquisition acquisition(List<?> answer, RecordKey key) {
		return switch (string(answer, 0)) {
			case "in-progress" -> new Acquisition.InProgress(fingerprint(answer, key), steps(answer, key));
			case "abandoned" -> new Acquisition.Abandoned(fingerprint(answer, key), steps(answer, key));
			case "resumable" -> new Acquisition.Resumable(fingerprint(answer, key), steps(answer, key));
			case "completed" -> new Acquisition.Completed(fingerprint(answer, key), outcome(answer, key));
			default -> throw new UnreadableRecordException(
					"The Redis key '" + name(key) + "' holds something that is not an idempotency record");
		};
	}

	@Override
	public Optional<StoredRecord> find(RecordKey key) {
		List<?> answer = this.redis.run(FIND, redisKey(key));
		return string(answer, 0).equals("free") ? Optional.empty()
				: Optional.of(record(acquisition(answer, key), answer));
	}

	private static long number(List<?> answer, int index) {
		return ((Number) Objects.requireNonNull(answer.get(index))).longValue();
	}

	private static StoredRecord record(Acquisition content, List<?> answer) {
		Instant acquiredAt = Instant.EPOCH.plus(number(answer, 3), ChronoUnit.MICROS);
		long leaseEnd = number(answer, 4);
		long expiresIn = number(answer, 5);
		Instant now = Instant.ofEpochMilli(number(answer, 6));
		return new StoredRecord(content, acquiredAt, (leaseEnd > 0) ? Instant.ofEpochMilli(leaseEnd) : null,
				(expiresIn >= 0) ? now.plusMillis(expiresIn) : null, now);
	}

	@Override
	public boolean remove(RecordKey key) {
		return changes(REMOVE, redisKey(key), bytes(this.changes.channel()), bytes(key.hex()), bytes(REMOVED));
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		return changes(RENEW, redisKey(lease.key()), bytes(lease.ownerToken()), bytes(terms.duration()),
				abandoned(terms));
	}

	/**
	 * Renews all leases in one pipeline, except with Jedis in a Cluster. In a Cluster,
	 * each node answers for its own keys.
	 */
	@Override
	public Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		byte[] duration = bytes(terms.duration());
		byte[] abandoned = abandoned(terms);
		Map<Lease, byte[][]> calls = new LinkedHashMap<>();
		leases.forEach((lease) -> calls.put(lease,
				new byte[][] { redisKey(lease.key()), bytes(lease.ownerToken()), duration, abandoned }));
		Map<Lease, CompletionStage<Boolean>> answers = this.redis.runAll(RENEW, calls);
		return (answers != null) ? answers : IdempotencyStore.super.renewAll(leases, terms);
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return keeps(COMPLETE, redisKey(lease.key()), bytes(lease.ownerToken()),
				this.codec.encode(lease.key(), outcome), bytes(expiry), bytes(this.changes.channel()),
				bytes(lease.key().hex()));
	}

	@Override
	public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		return keeps(STEP, redisKey(lease.key()), bytes(lease.ownerToken()), this.stepLog.encode(lease.key(), step),
				bytes(expiry));
	}

	/**
	 * Stores an outcome or a step. If too few replicas acknowledge it, it is counted, but
	 * it is not an error: it is stored in the master, and its work has already been done.
	 */
	private boolean keeps(RedisLuaScript script, byte[]... keyAndArguments) {
		try {
			return this.redis.<Long>runReplicated(script, keyAndArguments) == 1;
		}
		catch (NotAcknowledgedException ex) {
			this.unacknowledged.increment();
			return true;
		}
	}

	@Override
	public long unacknowledged() {
		return this.unacknowledged.sum();
	}

	@Override
	public boolean release(Lease lease) {
		return changes(RELEASE, redisKey(lease.key()), bytes(lease.ownerToken()), bytes(this.changes.channel()),
				bytes(lease.key().hex()));
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		Registration registration = this.changes.add(key, hint);
		try {
			changes(AWAIT, redisKey(key));
			return registration;
		}
		catch (RuntimeException ex) {
			registration.close();
			throw ex;
		}
	}

	/**
	 * Ends the subscription to changes, and closes the connections that wait for
	 * replicas. The connection factory is closed by its owner.
	 */
	@Override
	public void close() {
		this.changes.close();
		this.redis.close();
	}

	@Override
	public String toString() {
		return this.description;
	}

	private boolean changes(RedisLuaScript script, byte[]... keyAndArguments) {
		return this.redis.<Long>run(script, keyAndArguments) == 1;
	}

	private byte[] redisKey(RecordKey key) {
		return bytes(name(key));
	}

	private String name(RecordKey key) {
		return this.keyPrefix + key.hex();
	}

	private Fingerprint fingerprint(List<?> answer, RecordKey key) {
		try {
			return new Fingerprint(HexFormat.of().formatHex((byte[]) answer.get(1)));
		}
		catch (IllegalArgumentException ex) {
			throw new UnreadableRecordException("The Redis key '" + name(key) + "' holds no valid fingerprint", ex);
		}
	}

	private Outcome outcome(List<?> answer, RecordKey key) {
		try {
			return this.codec.decode(key, (byte[]) answer.get(2));
		}
		catch (UnreadableRecordException ex) {
			throw new UnreadableRecordException("The Redis key '" + name(key) + "' cannot be read: " + ex.getMessage(),
					ex);
		}
	}

	private List<StoredStep> steps(List<?> answer, RecordKey key) {
		if (answer.size() < 3 || !(answer.get(2) instanceof byte[] steps) || steps.length == 0) {
			return List.of();
		}
		try {
			return this.stepLog.decode(key, steps);
		}
		catch (UnreadableRecordException ex) {
			throw new UnreadableRecordException("The Redis key '" + name(key) + "' cannot be read: " + ex.getMessage(),
					ex);
		}
	}

	private static String string(List<?> answer, int index) {
		return (index < answer.size() && answer.get(index) instanceof byte[] bytes)
				? new String(bytes, StandardCharsets.UTF_8) : "?";
	}

	private static byte[] abandoned(LeaseTerms terms) {
		Expiry expiry = terms.abandonedExpiry();
		return (expiry != null) ? bytes(expiry) : new byte[0];
	}

	private static byte[] bytes(Expiry expiry) {
		Duration duration = expiry.duration();
		return (duration != null) ? bytes(duration) : bytes(FOR_EVER);
	}

	private static byte[] bytes(Duration duration) {
		return bytes(Long.toString(duration.toMillis()));
	}

	private static byte[] bytes(String string) {
		return string.getBytes(StandardCharsets.UTF_8);
	}

}
