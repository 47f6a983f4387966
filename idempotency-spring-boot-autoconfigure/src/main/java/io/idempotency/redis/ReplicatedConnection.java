package io.idempotency.redis;

import java.util.function.Supplier;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import org.jspecify.annotations.Nullable;

/**
 * A connection on which one request at a time writes and then waits for replicas. It is
 * opened when it is first used.
 */
final class ReplicatedConnection {

	private final Supplier<StatefulRedisConnection<byte[], byte[]>> opens;

	private volatile @Nullable StatefulRedisConnection<byte[], byte[]> connection;

	ReplicatedConnection(Supplier<StatefulRedisConnection<byte[], byte[]>> opens) {
		this.opens = opens;
	}

	RedisClusterAsyncCommands<byte[], byte[]> commands() {
		StatefulRedisConnection<byte[], byte[]> open = this.connection;
		if (open == null) {
			open = this.opens.get();
			this.connection = open;
		}
		return open.async();
	}

	/**
	 * Closes the connection. It is reopened when it is used again.
	 */
	void close() {
		StatefulRedisConnection<byte[], byte[]> closing = this.connection;
		this.connection = null;
		if (closing != null) {
			closing.close();
		}
	}

}
