package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Waits for replicas on connections of a pool, from which each request takes one, so that
 * only this request waits. There is one master.
 */
final class PooledReplicatedScripts implements ReplicatedScripts {

	private final RedisConnectionFactory pool;

	private final ReplicaWatch replicas;

	PooledReplicatedScripts(RedisConnectionFactory pool, ReplicaWatch replicas) {
		this.pool = pool;
		this.replicas = replicas;
	}

	@Override
	public <T> T run(RedisLuaScript script, byte[][] keyAndArguments) {
		try (RedisConnection connection = this.pool.getConnection()) {
			T answer = script.run(connection, keyAndArguments);
			this.replicas.await(answer, (patience) -> acknowledged(connection, patience));
			return answer;
		}
	}

	private long acknowledged(RedisConnection connection, Duration patience) {
		Object count = connection.execute("WAIT", bytes(this.replicas.count()), bytes(patience.toMillis()));
		return (Long) Objects.requireNonNull(count, "Redis did not answer WAIT");
	}

	private static byte[] bytes(long number) {
		return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
	}

}
