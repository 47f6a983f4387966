package io.idempotency.redis;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;

import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.RedisTemplate;

/**
 * Runs scripts directly with Lettuce. This avoids the objects that Spring Data creates
 * for each command, and allows many commands to be sent without waiting for each other.
 */
final class LettucePipeline {

	private LettucePipeline() {
	}

	/**
	 * Runs a script and waits for its answer.
	 * @param keyAndArguments the key of the script, followed by its arguments
	 * @param patience how long to wait for an answer
	 */
	static <T> T run(RedisClusterAsyncCommands<byte[], byte[]> commands, RedisLuaScript script,
			byte[][] keyAndArguments, Duration patience) {
		try {
			return await(evalsha(commands, script, keyAndArguments), patience);
		}
		catch (RedisNoScriptException ex) {
			return await(eval(commands, script, keyAndArguments), patience);
		}
	}

	/**
	 * Runs a script by its text, if the connection allows one more command only.
	 */
	static <T> T runByText(RedisClusterAsyncCommands<byte[], byte[]> commands, RedisLuaScript script,
			byte[][] keyAndArguments, Duration patience) {
		return await(eval(commands, script, keyAndArguments), patience);
	}

	private static <T> RedisFuture<T> evalsha(RedisClusterAsyncCommands<byte[], byte[]> commands, RedisLuaScript script,
			byte[][] keyAndArguments) {
		return commands.evalsha(script.sha1(), type(script), key(keyAndArguments), arguments(keyAndArguments));
	}

	private static <T> RedisFuture<T> eval(RedisClusterAsyncCommands<byte[], byte[]> commands, RedisLuaScript script,
			byte[][] keyAndArguments) {
		return commands.eval(script.text(), type(script), key(keyAndArguments), arguments(keyAndArguments));
	}

	private static ScriptOutputType type(RedisLuaScript script) {
		return ScriptOutputType.valueOf(script.returnType().name());
	}

	private static byte[][] key(byte[][] keyAndArguments) {
		return new byte[][] { keyAndArguments[0] };
	}

	private static byte[][] arguments(byte[][] keyAndArguments) {
		return Arrays.copyOfRange(keyAndArguments, 1, keyAndArguments.length);
	}

	/**
	 * Waits for an answer, or throws the exception that was received.
	 */
	static <T> T await(RedisFuture<T> answer, Duration patience) {
		return LettuceFutures.awaitOrCancel(answer, patience.toNanos(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Runs a script on many keys, with one command for each key. In a Cluster, each
	 * command is sent to the node of its key, and a node that does not answer delays only
	 * its own commands.
	 * @param calls the calls, each with the key and the arguments of the script
	 * @param patience how long to wait for an answer
	 * @return for each call, whether the script returned 1; empty if the client of the
	 * connection is not Lettuce
	 */
	static <C> Map<C, CompletionStage<Boolean>> run(RedisTemplate<String, byte[]> redis, RedisLuaScript script,
			Map<C, byte[][]> calls, Duration patience) {
		Map<C, CompletionStage<Boolean>> all = redis
			.execute((RedisCallback<Map<C, CompletionStage<Boolean>>>) (connection) -> {
				if (!(connection.getNativeConnection() instanceof RedisClusterAsyncCommands<?, ?> commands)) {
					return Map.of();
				}
				@SuppressWarnings("unchecked")
				RedisClusterAsyncCommands<byte[], byte[]> bytes = (RedisClusterAsyncCommands<byte[], byte[]>) commands;
				Map<C, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
				calls.forEach((call, keyAndArguments) -> answers.put(call,
						run(bytes, script, keyAndArguments).orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)));
				return answers;
			}, true);
		return (all != null) ? all : Map.of();
	}

	private static CompletableFuture<Boolean> run(RedisClusterAsyncCommands<byte[], byte[]> commands,
			RedisLuaScript script, byte[][] keyAndArguments) {
		CompletionStage<Long> answer = evalsha(commands, script, keyAndArguments);
		return answer
			.handle((ignored, ex) -> (ex instanceof RedisNoScriptException)
					? LettucePipeline.<Long>eval(commands, script, keyAndArguments) : answer)
			.thenCompose((last) -> last)
			.thenApply((last) -> last == 1)
			.toCompletableFuture();
	}

}
