package io.idempotency.redis;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisPipelineException;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.RedisTemplate;

/**
 * Runs a script on many keys in one pipeline of Spring Data, with any client.
 */
final class SpringDataPipeline {

	private SpringDataPipeline() {
	}

	/**
	 * Runs a script on many keys, and waits for all answers. If Redis does not know the
	 * script, it runs twice on one of them.
	 * @param calls the calls, each with the key and the arguments of the script
	 * @return for each call, whether the script returned 1; empty if the connection is
	 * one to a Cluster, which has no pipelines
	 */
	static <C> Map<C, CompletionStage<Boolean>> run(RedisTemplate<String, byte[]> redis, RedisLuaScript script,
			Map<C, byte[][]> calls) {
		List<Object> results = redis.execute((RedisCallback<List<Object>>) (connection) -> {
			if (connection instanceof RedisClusterConnection) {
				return List.of();
			}
			List<Object> first = run(connection, script, calls.values());
			if (first.stream().noneMatch(SpringDataPipeline::isScriptUnknown)) {
				return first;
			}
			// Unlike SCRIPT LOAD, this needs no further permission.
			script.run(connection, calls.values().iterator().next());
			return run(connection, script, calls.values());
		}, true);
		return (results != null && !results.isEmpty()) ? answers(calls.keySet(), results) : Map.of();
	}

	private static List<Object> run(RedisConnection connection, RedisLuaScript script, Collection<byte[][]> calls) {
		connection.openPipeline();
		List<Object> results;
		try {
			calls
				.forEach((call) -> connection.scriptingCommands().evalSha(script.sha1(), script.returnType(), 1, call));
		}
		finally {
			results = close(connection);
		}
		return results;
	}

	private static List<Object> close(RedisConnection connection) {
		try {
			return connection.closePipeline();
		}
		catch (RedisPipelineException ex) {
			return ex.getPipelineResult();
		}
	}

	private static boolean isScriptUnknown(Object result) {
		return result instanceof RuntimeException failure && RedisLuaScript.isUnknown(failure);
	}

	private static <C> Map<C, CompletionStage<Boolean>> answers(Collection<C> calls, List<Object> results) {
		Map<C, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
		Iterator<Object> result = results.iterator();
		calls.forEach((call) -> answers.put(call, answer(result.hasNext() ? result.next() : null)));
		return answers;
	}

	private static CompletionStage<Boolean> answer(@Nullable Object result) {
		if (result instanceof Long number) {
			return CompletableFuture.completedStage(number == 1);
		}
		return CompletableFuture.failedStage((result instanceof Throwable failure) ? failure
				: new IllegalStateException("Redis did not answer a script in a pipeline"));
	}

}
