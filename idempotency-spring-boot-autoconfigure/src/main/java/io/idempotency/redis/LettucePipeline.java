package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.idempotency.store.Lease;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.ClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.SentinelConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.RedisTemplate;

/**
 * Sends many commands without waiting for the answer to each.
 */
final class LettucePipeline {

	private LettucePipeline() {
	}

	/**
	 * Renews leases.
	 * @param keys names the Redis key of a lease
	 * @param sha1 the digest of the script
	 * @param script its text, for a server that does not know it
	 * @param duration its second argument, after the owner token
	 * @param abandoned its third argument
	 * @param patience how long to wait for an answer
	 * @return nothing if the connection is another client's
	 */
	static Map<Lease, CompletionStage<Boolean>> renewAll(RedisTemplate<String, byte[]> redis, Collection<Lease> leases,
			Function<Lease, byte[]> keys, String sha1, String script, byte[] duration, byte[] abandoned,
			Duration patience) {
		Map<Lease, CompletionStage<Boolean>> all = redis
			.execute((RedisCallback<Map<Lease, CompletionStage<Boolean>>>) (connection) -> {
				if (!(connection.getNativeConnection() instanceof RedisClusterAsyncCommands<?, ?> commands)) {
					return Map.of();
				}
				@SuppressWarnings("unchecked")
				RedisClusterAsyncCommands<byte[], byte[]> bytes = (RedisClusterAsyncCommands<byte[], byte[]>) commands;
				Map<Lease, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
				for (Lease lease : leases) {
					byte[][] key = { keys.apply(lease) };
					byte[][] arguments = { lease.ownerToken().getBytes(StandardCharsets.UTF_8), duration, abandoned };
					answers.put(lease, answer(bytes, sha1, script, key, arguments).orTimeout(patience.toMillis(),
							TimeUnit.MILLISECONDS));
				}
				return answers;
			});
		return (all != null) ? all : Map.of();
	}

	private static CompletableFuture<Boolean> answer(RedisClusterAsyncCommands<byte[], byte[]> commands, String sha1,
			String script, byte[][] key, byte[][] arguments) {
		CompletionStage<Long> answer = commands.evalsha(sha1, ScriptOutputType.INTEGER, key, arguments);
		return answer
			.handle((renewed, ex) -> (ex instanceof RedisNoScriptException)
					? commands.<Long>eval(script, ScriptOutputType.INTEGER, key, arguments).toCompletableFuture()
					: answer.toCompletableFuture())
			.thenCompose((again) -> again)
			.thenApply((renewed) -> renewed == 1)
			.toCompletableFuture();
	}

	/**
	 * Names the servers of a connection factory, for people who read a log.
	 */
	static String servers(LettuceConnectionFactory factory) {
		ClusterConfiguration cluster = factory.getClusterConfiguration();
		if (cluster != null) {
			return "cluster " + cluster.getClusterNodes();
		}
		SentinelConfiguration sentinel = factory.getSentinelConfiguration();
		if (sentinel != null) {
			return "sentinels " + sentinel.getSentinels();
		}
		RedisConfiguration configuration = factory.getStandaloneConfiguration();
		return RedisConfiguration.getHostOrElse(configuration, () -> "localhost") + ":"
				+ RedisConfiguration.getPortOrElse(configuration, () -> 6379);
	}

}
