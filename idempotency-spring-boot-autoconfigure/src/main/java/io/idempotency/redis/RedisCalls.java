package io.idempotency.redis;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.idempotency.store.NotAcknowledgedException;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.util.ClassUtils;

/**
 * How the store's scripts get to Redis: through Lettuce itself where the connections are
 * the store's own, else by way of Spring Data.
 */
final class RedisCalls {

	private static final boolean LETTUCE = ClassUtils.isPresent(StoreConnections.LETTUCE_CLIENT,
			RedisCalls.class.getClassLoader());

	private final RedisTemplate<String, byte[]> redis = new RedisTemplate<>();

	private final RedisConnectionFactory connectionFactory;

	/**
	 * Whether connections are Lettuce's, and stay open when they are given back.
	 */
	private final boolean pipelines;

	private final @Nullable ReplicatedScripts replicated;

	/**
	 * Creates a way to Redis.
	 * @param replicated waits for replicas, or {@code null} if nobody is to
	 */
	RedisCalls(RedisConnectionFactory connectionFactory, @Nullable ReplicatedScripts replicated) {
		this.connectionFactory = connectionFactory;
		this.replicated = replicated;
		this.pipelines = LETTUCE && connectionFactory instanceof LettuceConnectionFactory lettuce
				&& lettuce.getShareNativeConnection();
		this.redis.setConnectionFactory(connectionFactory);
		this.redis.setKeySerializer(RedisSerializer.string());
		this.redis.setValueSerializer(RedisSerializer.byteArray());
		this.redis.afterPropertiesSet();
	}

	/**
	 * Runs a script.
	 * @param keyAndArguments its key, and then its arguments
	 */
	<T> T run(RedisLuaScript script, byte[]... keyAndArguments) {
		return run(script, null, keyAndArguments);
	}

	/**
	 * Runs a script whose effect replicas are to acknowledge, where the store has been
	 * told to wait for them.
	 * @param keyAndArguments its key, and then its arguments
	 * @throws NotAcknowledgedException if the script had its effect, and they did not
	 */
	<T> T runReplicated(RedisLuaScript script, byte[]... keyAndArguments) {
		return run(script, this.replicated, keyAndArguments);
	}

	private <T> T run(RedisLuaScript script, @Nullable ReplicatedScripts way, byte[][] keyAndArguments) {
		try {
			return Objects.requireNonNull(
					(way != null) ? way.run(script, keyAndArguments) : this.<T>runAtOnce(script, keyAndArguments));
		}
		catch (NotAcknowledgedException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			if (this.pipelines && this.connectionFactory instanceof StoreConnectionFactory own) {
				own.failed(ex);
			}
			throw ex;
		}
	}

	private <T> @Nullable T runAtOnce(RedisLuaScript script, byte[][] keyAndArguments) {
		if (this.pipelines && this.connectionFactory instanceof StoreConnectionFactory own) {
			return LettucePipeline.run(own.commands(), script, keyAndArguments, own.patience());
		}
		return this.redis.execute((RedisCallback<T>) (connection) -> script.run(connection, keyAndArguments), true);
	}

	/**
	 * Runs a script on many keys in one pipeline; in a Cluster, each node answers for its
	 * own.
	 * @param calls what each answer is of, with the key and the arguments of the script
	 * @return for each of the calls, whether the script answers 1, or {@code null} if
	 * this client has no pipelines
	 */
	<C> @Nullable Map<C, CompletionStage<Boolean>> runAll(RedisLuaScript script, Map<C, byte[][]> calls) {
		if (!this.pipelines) {
			return null;
		}
		try {
			Map<C, CompletionStage<Boolean>> answers = LettucePipeline.run(this.redis, script, calls,
					((LettuceConnectionFactory) this.connectionFactory).getClientConfiguration().getCommandTimeout());
			return (answers.size() == calls.size()) ? answers : null;
		}
		catch (RuntimeException notConnected) {
			Map<C, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
			calls.keySet().forEach((call) -> answers.put(call, CompletableFuture.failedStage(notConnected)));
			return answers;
		}
	}

	/**
	 * Ends what was opened to wait for replicas. The connection factory is its owner's to
	 * close.
	 */
	void close() {
		if (this.replicated != null) {
			this.replicated.close();
		}
	}

	/**
	 * Names the servers, for people who read a log.
	 */
	@Override
	public String toString() {
		return (LETTUCE && this.connectionFactory instanceof LettuceConnectionFactory lettuce)
				? "Redis at " + LettucePipeline.servers(lettuce) : "Redis";
	}

}
