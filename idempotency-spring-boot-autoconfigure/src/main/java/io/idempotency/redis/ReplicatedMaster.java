package io.idempotency.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import io.lettuce.core.api.StatefulRedisConnection;

/**
 * A master with a pool of connections, each of which is used by one request at a time.
 */
final class ReplicatedMaster {

	private static final int MOST_CONNECTIONS = 16;

	private final String name;

	private final ReplicaWatch replicas;

	private final List<ReplicatedConnection> connections;

	private final BlockingDeque<ReplicatedConnection> free;

	private volatile boolean closed;

	/**
	 * Creates a master.
	 * @param name the name of the master, for messages
	 * @param settings how many replicas must acknowledge a write, and how long they may
	 * take
	 * @param opens opens a connection to the master
	 */
	ReplicatedMaster(String name, Acknowledge settings, Supplier<StatefulRedisConnection<byte[], byte[]>> opens) {
		this.name = name;
		this.replicas = new ReplicaWatch(name, settings);
		this.connections = Stream.generate(() -> new ReplicatedConnection(opens)).limit(MOST_CONNECTIONS).toList();
		this.free = new LinkedBlockingDeque<>(this.connections);
	}

	/**
	 * Takes a connection, which must be {@linkplain #giveBack given back}.
	 * @param patience how long to wait for a free connection
	 * @throws IllegalStateException if all connections were in use during that time
	 */
	ReplicatedConnection take(Duration patience) {
		ReplicatedConnection taken = null;
		try {
			taken = this.free.pollFirst(patience.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (taken == null) {
			throw new IllegalStateException("All connections to " + this.name + " that wait for replicas are in use");
		}
		return taken;
	}

	/**
	 * Gives a connection back. It is the first to be used again, so that no more
	 * connections are opened than needed.
	 */
	void giveBack(ReplicatedConnection connection) {
		if (this.closed) {
			connection.close();
		}
		this.free.addFirst(connection);
	}

	ReplicaWatch replicas() {
		return this.replicas;
	}

	/**
	 * Closes the connections. Requests that use one of them fail.
	 */
	void close() {
		this.closed = true;
		this.connections.forEach(ReplicatedConnection::close);
	}

}
