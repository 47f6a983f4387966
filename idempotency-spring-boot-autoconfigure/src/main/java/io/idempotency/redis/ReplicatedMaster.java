package io.idempotency.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

import io.lettuce.core.api.StatefulRedisConnection;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * A master with a pool of connections, each of which is used by one request at a time,
 * and the information whether its replicas keep up.
 * <p>
 * If they do not keep up, only one request at a time waits for the full timeout, to
 * detect when they are back. Other requests check without waiting, so that they do not
 * occupy connections and threads for a wait that will probably fail.
 */
final class ReplicatedMaster {

	private static final Log logger = LogFactory.getLog(ReplicatedMaster.class);

	private static final int MOST_CONNECTIONS = 16;

	/**
	 * The shortest timeout that Redis supports; 0 means to wait for ever.
	 */
	private static final Duration LOOK = Duration.ofMillis(1);

	private final String name;

	private final int replicas;

	private final Duration timeout;

	private final List<ReplicatedConnection> connections;

	private final BlockingDeque<ReplicatedConnection> free;

	private final AtomicBoolean behind = new AtomicBoolean();

	private final AtomicBoolean watched = new AtomicBoolean();

	private volatile boolean closed;

	/**
	 * Creates a master.
	 * @param name the name of the master, for messages
	 * @param replicas how many replicas must acknowledge a write
	 * @param timeout how long the replicas may take
	 * @param opens opens a connection to the master
	 */
	ReplicatedMaster(String name, int replicas, Duration timeout,
			Supplier<StatefulRedisConnection<byte[], byte[]>> opens) {
		this.name = name;
		this.replicas = replicas;
		this.timeout = timeout;
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

	/**
	 * Waits until enough replicas have acknowledged the last write.
	 * @param wait waits up to the given time, and returns the number of replicas that
	 * have acknowledged the write
	 * @return whether enough replicas have acknowledged it
	 */
	boolean awaitReplicas(ToLongFunction<Duration> wait) {
		boolean watches = this.behind.get() && this.watched.compareAndSet(false, true);
		try {
			boolean enough = wait.applyAsLong((this.behind.get() && !watches) ? LOOK : this.timeout) >= this.replicas;
			if (this.behind.compareAndSet(enough, !enough)) {
				tell(enough);
			}
			return enough;
		}
		finally {
			if (watches) {
				this.watched.set(false);
			}
		}
	}

	private void tell(boolean enough) {
		if (enough) {
			logger.info("The replicas of " + this.name + " acknowledge writes again");
		}
		else {
			logger
				.warn(missing() + ": requests with new keys are refused, and responses are stored only in the master, "
						+ "until they do");
		}
	}

	/**
	 * Returns a message about too few replicas that have acknowledged a write.
	 */
	String missing() {
		return "Fewer replicas of " + this.name + " than idempotency.redis.acknowledge.replicas=" + this.replicas
				+ " acknowledge writes within idempotency.redis.acknowledge.timeout=" + this.timeout.toMillis() + "ms";
	}

	/**
	 * Closes the connections. Requests that use one of them fail.
	 */
	void close() {
		this.closed = true;
		this.connections.forEach(ReplicatedConnection::close);
	}

}
