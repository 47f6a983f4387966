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
 * One master: a few connections to it that a request may have to itself, and whether its
 * replicas keep up.
 * <p>
 * While they do not, one request at a time waits for them for the whole timeout, to find
 * out when they are back. The others look and do not wait, so that they do not hold
 * connections and threads for what is bound to fail.
 */
final class ReplicatedMaster {

	private static final Log logger = LogFactory.getLog(ReplicatedMaster.class);

	private static final int MOST_CONNECTIONS = 16;

	/**
	 * The shortest wait that Redis knows: 0 would be for ever.
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
	 * @param name names it, for people who read a log
	 * @param replicas how many replicas are to acknowledge a write
	 * @param timeout how long they may take
	 * @param opens opens a connection to it
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
	 * Takes a connection, to be {@linkplain #giveBack given back}.
	 * @param patience how long to wait for one
	 * @throws IllegalStateException if all were in use for that long
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
	 * The one that was used last is used next, so that no more are opened than needed.
	 */
	void giveBack(ReplicatedConnection connection) {
		if (this.closed) {
			connection.close();
		}
		this.free.addFirst(connection);
	}

	/**
	 * Waits until enough replicas have what was written.
	 * @param wait waits no longer than it is told, and returns how many have
	 * @return whether enough have
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
			logger.warn(missing() + ": requests with new keys are refused, and responses are in the master alone, "
					+ "until they do");
		}
	}

	/**
	 * Says that too few replicas have acknowledged what was written.
	 */
	String missing() {
		return "Fewer replicas of " + this.name + " than idempotency.redis.acknowledge.replicas=" + this.replicas
				+ " acknowledge writes within idempotency.redis.acknowledge.timeout=" + this.timeout.toMillis() + "ms";
	}

	/**
	 * Closes its connections. Requests that have one fail.
	 */
	void close() {
		this.closed = true;
		this.connections.forEach(ReplicatedConnection::close);
	}

}
