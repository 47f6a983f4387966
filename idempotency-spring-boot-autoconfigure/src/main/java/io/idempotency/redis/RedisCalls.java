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

/**
 * Runs the scripts of the store: directly with Lettuce if the store has its own
 * connections, and otherwise with Spring Data.
 */
final class RedisCalls {

	private final RedisTemplate<String, byte[]> redis = new RedisTemplate<>();

	private final RedisConnectionFactory connectionFactory;

	/**
	 * Whether the client is Lettuce, and its connection remains open after each use.
	 */
	private final boolean pipelines;

	private final @Nullable ReplicatedScripts replicated;

	/**
	 * Creates an instance.
	 * @param replicated runs scripts and waits for replicas, or {@code null} not to wait
	 */
	RedisCalls(RedisConnectionFactory connectionFactory, @Nullable ReplicatedScripts replicated) {
		this.connectionFactory = connectionFactory;
		this.replicated = replicated;
		this.pipelines = StoreConnections.LETTUCE && connectionFactory instanceof LettuceConnectionFactory lettuce
				&& lettuce.getShareNativeConnection();
		this.redis.setConnectionFactory(connectionFactory);
		this.redis.setKeySerializer(RedisSerializer.string());
		this.redis.setValueSerializer(RedisSerializer.byteArray());
		this.redis.afterPropertiesSet();
	}

	/**
	 * Runs a script.
	 * @param keyAndArguments the key of the script, followed by its arguments
	 */
	<T> T run(RedisLuaScript script, byte[]... keyAndArguments) {
		return run(script, null, keyAndArguments);
	}

	/**
	 * Runs a script, and waits until replicas have acknowledged its effect, if the store
	 * is configured to wait for them.
	 * @param keyAndArguments the key of the script, followed by its arguments
	 * @throws NotAcknowledgedException if the script had its effect, but too few replicas
	 * acknowledged it in time
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
			if (this.connectionFactory instanceof OwnConnections own) {
				own.failed(ex);
			}
			throw ex;
		}
	}

	private <T> @Nullable T runAtOnce(RedisLuaScript script, byte[][] keyAndArguments) {
		if (this.pipelines && this.connectionFactory instanceof LettuceStoreConnections own) {
			return LettucePipeline.run(own.commands(), script, keyAndArguments, own.patience());
		}
		return this.redis.execute((RedisCallback<T>) (connection) -> script.run(connection, keyAndArguments), true);
	}

	/**
	 * Runs a script on many keys in one pipeline. In a Cluster, each node answers for its
	 * own keys.
	 * @param calls the calls, each with the key and the arguments of the script
	 * @return for each call, whether the script returned 1, or {@code null} if this
	 * client does not support pipelines in a Cluster
	 */
	<C> @Nullable Map<C, CompletionStage<Boolean>> runAll(RedisLuaScript script, Map<C, byte[][]> calls) {
		try {
			Map<C, CompletionStage<Boolean>> answers = this.pipelines ? LettucePipeline.run(this.redis, script, calls,
					((LettuceConnectionFactory) this.connectionFactory).getClientConfiguration().getCommandTimeout())
					: SpringDataPipeline.run(this.redis, script, calls);
			return (answers.size() == calls.size()) ? answers : null;
		}
		catch (RuntimeException notConnected) {
			Map<C, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
			calls.keySet().forEach((call) -> answers.put(call, CompletableFuture.failedStage(notConnected)));
			return answers;
		}
	}

	/**
	 * Closes the connections that wait for replicas. The connection factory is closed by
	 * its owner.
	 */
	void close() {
		if (this.replicated != null) {
			this.replicated.close();
		}
	}

	/**
	 * Returns the servers, for log messages.
	 */
	@Override
	public String toString() {
		return "Redis at " + RedisServers.describe(this.connectionFactory);
	}

}
