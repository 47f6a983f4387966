package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.util.ClassUtils;

/**
 * Keeps each record in one Redis string, which Redis itself expires. Every method is one
 * Lua script on that one key: one round trip, atomic, and at home in any slot of a
 * Cluster. Leases are measured by the clock of the Redis server.
 */
public final class RedisIdempotencyStore implements IdempotencyStore, AutoCloseable {

	private static final RedisLuaScript ACQUIRE = RedisLuaScript.load("acquire", ReturnType.MULTI);

	private static final RedisLuaScript RENEW = RedisLuaScript.load("renew", ReturnType.INTEGER);

	private static final RedisLuaScript COMPLETE = RedisLuaScript.load("complete", ReturnType.INTEGER);

	private static final RedisLuaScript RELEASE = RedisLuaScript.load("release", ReturnType.INTEGER);

	private static final RedisLuaScript FIND = RedisLuaScript.load("find", ReturnType.MULTI);

	private static final RedisLuaScript REMOVE = RedisLuaScript.load("remove", ReturnType.INTEGER);

	private static final RedisLuaScript AWAIT = RedisLuaScript.load("await", ReturnType.INTEGER);

	private static final String FOR_EVER = "-1";

	/**
	 * How long the owner of a removed record is told so.
	 */
	private static final Duration REMOVED = Duration.ofHours(1);

	private static final boolean LETTUCE = ClassUtils.isPresent(StoreConnections.LETTUCE_CLIENT,
			RedisIdempotencyStore.class.getClassLoader());

	private final RedisTemplate<String, byte[]> redis = new RedisTemplate<>();

	private final String keyPrefix;

	private final RedisConnectionFactory connectionFactory;

	/**
	 * Whether connections are Lettuce's, and stay open when they are given back.
	 */
	private final boolean pipelines;

	private final OutcomeCodec codec;

	private final RedisChanges changes;

	private final String description;

	/**
	 * Creates a store that deflates responses.
	 * @param connectionFactory connects to Redis; its command timeout is how long a
	 * request waits for a Redis that does not answer
	 * @param keyPrefix what the names of its Redis keys begin with
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String keyPrefix) {
		this(connectionFactory, keyPrefix, OutcomeCodec.deflating());
	}

	/**
	 * Creates a store.
	 * @param connectionFactory connects to Redis; its command timeout is how long a
	 * request waits for a Redis that does not answer
	 * @param keyPrefix what the names of its Redis keys begin with
	 * @param codec writes and reads what is stored of a response
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String keyPrefix, OutcomeCodec codec) {
		this.codec = codec;
		this.keyPrefix = keyPrefix;
		this.changes = new RedisChanges(connectionFactory, keyPrefix + "changes");
		this.connectionFactory = connectionFactory;
		this.pipelines = LETTUCE && connectionFactory instanceof LettuceConnectionFactory lettuce
				&& lettuce.getShareNativeConnection();
		this.description = (LETTUCE && connectionFactory instanceof LettuceConnectionFactory lettuce)
				? "Redis at " + LettucePipeline.servers(lettuce) : "Redis";
		this.redis.setConnectionFactory(connectionFactory);
		this.redis.setKeySerializer(RedisSerializer.string());
		this.redis.setValueSerializer(RedisSerializer.byteArray());
		this.redis.afterPropertiesSet();
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		List<?> answer = claim(lease, fingerprint, terms);
		return switch (string(answer, 0)) {
			case "acquired" -> new Acquisition.Acquired(Long.parseLong(string(answer, 1)));
			case "removed" -> new Acquisition.Removed();
			default -> acquisition(answer, lease.key());
		};
	}

	private List<?> claim(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		try {
			return this.<List<?>>execute(ACQUIRE, lease.key(), bytes(lease.ownerToken()),
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
			case "in-progress" -> new Acquisition.InProgress(fingerprint(answer, key));
			case "abandoned" -> new Acquisition.Abandoned(fingerprint(answer, key));
			case "completed" -> new Acquisition.Completed(fingerprint(answer, key), outcome(answer, key));
			default -> throw new UnreadableRecordException(
					"The Redis key '" + redisKey(key) + "' holds something that is not an idempotency record");
		};
	}

	@Override
	public Optional<Acquisition> find(RecordKey key) {
		List<?> answer = this.<List<?>>execute(FIND, key);
		return string(answer, 0).equals("free") ? Optional.empty() : Optional.of(acquisition(answer, key));
	}

	@Override
	public boolean remove(RecordKey key) {
		return changes(REMOVE, key, bytes(this.changes.channel()), bytes(key.hex()), bytes(REMOVED));
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		return changes(RENEW, lease.key(), bytes(lease.ownerToken()), bytes(terms.duration()), abandoned(terms));
	}

	/**
	 * Renews all leases in one pipeline where the client is Lettuce; in a Cluster, each
	 * node answers for its own.
	 */
	@Override
	public Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		if (!this.pipelines) {
			return IdempotencyStore.super.renewAll(leases, terms);
		}
		byte[] duration = bytes(terms.duration());
		byte[] abandoned = abandoned(terms);
		Map<Lease, byte[][]> calls = new LinkedHashMap<>();
		leases.forEach((lease) -> calls.put(lease,
				new byte[][] { bytes(redisKey(lease.key())), bytes(lease.ownerToken()), duration, abandoned }));
		Duration patience = ((LettuceConnectionFactory) this.connectionFactory).getClientConfiguration()
			.getCommandTimeout();
		try {
			Map<Lease, CompletionStage<Boolean>> answers = LettucePipeline.run(this.redis, RENEW, calls, patience);
			return (answers.size() == calls.size()) ? answers : IdempotencyStore.super.renewAll(leases, terms);
		}
		catch (RuntimeException notConnected) {
			Map<Lease, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
			leases.forEach((lease) -> answers.put(lease, CompletableFuture.failedStage(notConnected)));
			return answers;
		}
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return changes(COMPLETE, lease.key(), bytes(lease.ownerToken()), this.codec.encode(lease.key(), outcome),
				bytes(expiry), bytes(this.changes.channel()), bytes(lease.key().hex()));
	}

	@Override
	public boolean release(Lease lease) {
		return changes(RELEASE, lease.key(), bytes(lease.ownerToken()), bytes(this.changes.channel()),
				bytes(lease.key().hex()));
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		Registration registration = this.changes.add(key, hint);
		try {
			changes(AWAIT, key);
			return registration;
		}
		catch (RuntimeException ex) {
			registration.close();
			throw ex;
		}
	}

	/**
	 * Ends the subscription to changes. The connection factory is its owner's to close.
	 */
	@Override
	public void close() {
		this.changes.close();
	}

	@Override
	public String toString() {
		return this.description;
	}

	private boolean changes(RedisLuaScript script, RecordKey key, byte[]... arguments) {
		return this.<Long>execute(script, key, arguments) == 1;
	}

	private <T> T execute(RedisLuaScript script, RecordKey key, byte[]... arguments) {
		byte[][] keyAndArguments = new byte[arguments.length + 1][];
		keyAndArguments[0] = bytes(redisKey(key));
		System.arraycopy(arguments, 0, keyAndArguments, 1, arguments.length);
		try {
			return Objects.requireNonNull(this.<T>run(script, keyAndArguments));
		}
		catch (RuntimeException ex) {
			if (this.pipelines && this.connectionFactory instanceof StoreConnectionFactory own
					&& RedisLuaScript.answers(ex, "READONLY")) {
				own.leaveReplica();
			}
			throw ex;
		}
	}

	private <T> @Nullable T run(RedisLuaScript script, byte[][] keyAndArguments) {
		if (this.pipelines && this.connectionFactory instanceof StoreConnectionFactory own) {
			return LettucePipeline.run(own, script, keyAndArguments);
		}
		return this.redis.execute((RedisCallback<T>) (connection) -> script.run(connection, keyAndArguments), true);
	}

	private String redisKey(RecordKey key) {
		return this.keyPrefix + key.hex();
	}

	private Fingerprint fingerprint(List<?> answer, RecordKey key) {
		try {
			return new Fingerprint(HexFormat.of().formatHex((byte[]) answer.get(1)));
		}
		catch (IllegalArgumentException ex) {
			throw new UnreadableRecordException("The Redis key '" + redisKey(key) + "' holds no valid fingerprint", ex);
		}
	}

	private Outcome outcome(List<?> answer, RecordKey key) {
		try {
			return this.codec.decode(key, (byte[]) answer.get(2));
		}
		catch (UnreadableRecordException ex) {
			throw new UnreadableRecordException(
					"The Redis key '" + redisKey(key) + "' cannot be read: " + ex.getMessage(), ex);
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
