package io.idempotency.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

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

	private final Duration timeout;

	private final Lock connecting = new ReentrantLock();

	private volatile boolean connected;

	StoreConnectionFactory(RedisConfiguration configuration, LettuceTimeLimit client) {
		super(configuration, client);
		this.timeout = client.timeout();
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
