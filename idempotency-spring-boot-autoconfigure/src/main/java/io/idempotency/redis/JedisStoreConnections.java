package io.idempotency.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

/**
 * Creates the connections of the store to a single Redis with Jedis. If that Redis has
 * become a replica, all connections are closed, because its name may lead to another
 * master now. Behind Sentinel and in a Cluster, Jedis itself looks for the master.
 */
final class JedisStoreConnections extends JedisConnectionFactory implements OwnConnections {

	private static final long RESET_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

	private final AtomicLong nextReset = new AtomicLong(System.nanoTime());

	JedisStoreConnections(RedisStandaloneConfiguration server, JedisTimeLimit client) {
		super(server, client);
	}

	@Override
	public void failed(RuntimeException failure) {
		if (RedisLuaScript.answers(failure, "READONLY")) {
			long now = System.nanoTime();
			long next = this.nextReset.get();
			if (now - next >= 0 && this.nextReset.compareAndSet(next, now + RESET_INTERVAL_NANOS)) {
				stop();
				start();
			}
		}
	}

}
