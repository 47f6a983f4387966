package io.idempotency.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.UnreadableRecordException;

import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.util.ClassUtils;

/**
 * Keeps each record in one Redis hash, which Redis itself expires. Every method is one
 * Lua script on that one key: one round trip, atomic, and at home in any slot of a
 * Cluster. Leases are measured by the clock of the Redis server.
 */
public final class RedisIdempotencyStore implements IdempotencyStore, AutoCloseable {

	@SuppressWarnings("rawtypes")
	private static final RedisScript<List> ACQUIRE = script("acquire", List.class);

	private static final RedisScript<Long> RENEW = script("renew", Long.class);

	private static final RedisScript<Long> COMPLETE = script("complete", Long.class);

	private static final RedisScript<Long> RELEASE = script("release", Long.class);

	@SuppressWarnings("rawtypes")
	private static final RedisScript<List> FIND = script("find", List.class);

	private static final RedisScript<Long> REMOVE = script("remove", Long.class);

	private static final RedisScript<Long> AWAIT = script("await", Long.class);

	private static final String FOR_EVER = "-1";

	/**
	 * How long the owner of a removed record is told so.
	 */
	private static final Duration REMOVED = Duration.ofHours(1);

	private static final boolean LETTUCE = ClassUtils.isPresent(StoreConnections.LETTUCE_CLIENT,
			RedisIdempotencyStore.class.getClassLoader());

	private final RedisTemplate<String, byte[]> redis = new RedisTemplate<>();

	private final String keyPrefix;

	private final OutcomeCodec codec;

	private final RedisChanges changes;

	private final String description;

	/**
	 * Creates a store that keeps responses readable.
	 * @param connectionFactory connects to Redis; its command timeout is how long a
	 * request waits for a Redis that does not answer
	 * @param keyPrefix what the names of the hashes begin with
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String keyPrefix) {
		this(connectionFactory, keyPrefix, OutcomeCodec.plain());
	}

	/**
	 * Creates a store.
	 * @param connectionFactory connects to Redis; its command timeout is how long a
	 * request waits for a Redis that does not answer
	 * @param keyPrefix what the names of the hashes begin with
	 * @param codec writes and reads what is stored of a response
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String keyPrefix, OutcomeCodec codec) {
		this.codec = codec;
		this.keyPrefix = keyPrefix;
		this.changes = new RedisChanges(connectionFactory, keyPrefix + "changes");
		this.description = (LETTUCE && connectionFactory instanceof LettuceConnectionFactory lettuce)
				? "Redis at " + LettucePipeline.servers(lettuce) : "Redis";
		this.redis.setConnectionFactory(connectionFactory);
		this.redis.setKeySerializer(RedisSerializer.string());
		this.redis.setValueSerializer(RedisSerializer.byteArray());
		this.redis.afterPropertiesSet();
	}

	/**
	 * The text is read once. A resource would be looked up again at each call, in case it
	 * has changed.
	 */
	private static <T> RedisScript<T> script(String name, Class<T> resultType) {
		try {
			return RedisScript.of(new ClassPathResource(name + ".lua", RedisIdempotencyStore.class)
				.getContentAsString(StandardCharsets.UTF_8), resultType);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		List<?> answer = execute(ACQUIRE, lease, bytes(fingerprint.hex()), bytes(terms.duration()), abandoned(terms));
		return switch (string(answer, 0)) {
			case "acquired" -> new Acquisition.Acquired(Long.parseLong(string(answer, 1)));
			case "removed" -> new Acquisition.Removed();
			default -> acquisition(answer, lease.key());
		};
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
		List<?> answer = execute(FIND, key);
		return string(answer, 0).equals("free") ? Optional.empty() : Optional.of(acquisition(answer, key));
	}

	@Override
	public boolean remove(RecordKey key) {
		return execute(REMOVE, key, bytes(this.changes.channel()), bytes(key.hex()), bytes(REMOVED)) == 1;
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		return execute(RENEW, lease, bytes(terms.duration()), abandoned(terms)) == 1;
	}

	/**
	 * Renews all leases in one pipeline where the client is Lettuce; in a Cluster, each
	 * node answers for its own.
	 */
	@Override
	public Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		Map<Lease, CompletionStage<Boolean>> answers = LETTUCE ? LettucePipeline.renewAll(this.redis, leases,
				(lease) -> bytes(redisKey(lease.key())), RENEW.getSha1(), RENEW.getScriptAsString(),
				bytes(terms.duration()), abandoned(terms), terms.duration().dividedBy(3)) : Map.of();
		return !answers.isEmpty() ? answers : IdempotencyStore.super.renewAll(leases, terms);
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return execute(COMPLETE, lease, this.codec.encode(lease.key(), outcome), bytes(expiry),
				bytes(this.changes.channel()), bytes(lease.key().hex())) == 1;
	}

	@Override
	public boolean release(Lease lease) {
		return execute(RELEASE, lease, bytes(this.changes.channel()), bytes(lease.key().hex())) == 1;
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		Registration registration = this.changes.add(key, hint);
		try {
			execute(AWAIT, key);
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

	private <T> T execute(RedisScript<T> script, Lease lease, byte[]... arguments) {
		return execute(script, lease.key(),
				Stream.concat(Stream.of(bytes(lease.ownerToken())), Stream.of(arguments)).toArray());
	}

	private <T> T execute(RedisScript<T> script, RecordKey key, Object... arguments) {
		@SuppressWarnings("unchecked")
		RedisSerializer<T> results = (RedisSerializer<T>) RedisSerializer.byteArray();
		T answer = this.redis.execute(script, RedisSerializer.byteArray(), results, List.of(redisKey(key)), arguments);
		if (answer == null) {
			throw new IllegalStateException("Redis did not answer a script");
		}
		return answer;
	}

	private String redisKey(RecordKey key) {
		return this.keyPrefix + key.hex();
	}

	private Fingerprint fingerprint(List<?> answer, RecordKey key) {
		try {
			return new Fingerprint(string(answer, 1));
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
