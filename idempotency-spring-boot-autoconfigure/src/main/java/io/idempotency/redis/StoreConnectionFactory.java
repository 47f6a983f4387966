package io.idempotency.redis;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.ClientResources;

import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Makes the store's connections. Until Redis has been reached for the first time, Spring
 * Data connects for one request after the other, each for the whole timeout: here the
 * others give up meanwhile, instead of queueing for what may add up to minutes.
 */
final class StoreConnectionFactory extends LettuceConnectionFactory {

	private static final long RESET_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

	private final Duration timeout;

	private final ClientResources resources;

	private final AtomicLong nextReset = new AtomicLong(System.nanoTime());

	private final Lock connecting = new ReentrantLock();

	private volatile boolean connected;

	StoreConnectionFactory(RedisConfiguration configuration, LettuceTimeLimit client) {
		super(configuration, client);
		this.timeout = client.timeout();
		this.resources = client.resources();
	}

	@Override
	public void destroy() {
		super.destroy();
		this.resources.shutdown(0, this.timeout.toMillis(), TimeUnit.MILLISECONDS);
	}

	/**
	 * Connects anew, to whatever the name of the server means by now: a master that has
	 * become a replica keeps its connections. Of many requests that find out at once, one
	 * does it.
	 */
	void leaveReplica() {
		long now = System.nanoTime();
		long next = this.nextReset.get();
		if (now - next >= 0 && this.nextReset.compareAndSet(next, now + RESET_INTERVAL_NANOS)) {
			resetConnection();
		}
	}

	/**
	 * Returns the commands of the connection that all requests share, without what Spring
	 * Data makes around it for each of them.
	 */
	RedisClusterAsyncCommands<byte[], byte[]> commands() {
		if (!this.connected) {
			connect().close();
		}
		return isClusterAware() ? Objects.requireNonNull(getSharedClusterConnection()).async()
				: Objects.requireNonNull(getSharedConnection()).async();
	}

	/**
	 * Returns how long to wait for an answer.
	 */
	Duration patience() {
		return this.timeout;
	}

	@Override
	public RedisConnection getConnection() {
		return this.connected ? super.getConnection() : connect();
	}

	private RedisConnection connect() {
		if (!awaitTurn()) {
			throw new RedisConnectionFailureException("Redis could not be reached within " + this.timeout);
		}
		try {
			RedisConnection connection = super.getConnection();
			this.connected = true;
			return connection;
		}
		finally {
			this.connecting.unlock();
		}
	}

	private boolean awaitTurn() {
		try {
			return this.connecting.tryLock(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
