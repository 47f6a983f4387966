package io.idempotency.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

/**
 * Creates the connections of the store to a single Redis with Jedis. If a connection is
 * broken, all are closed, because Redis was restarted, and each of them would fail one
 * call. So they are if Redis has become a replica, because its name may lead to another
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
		if (failure instanceof RedisConnectionFailureException || RedisLuaScript.answers(failure, "READONLY")) {
			long now = System.nanoTime();
			long next = this.nextReset.get();
			if (now - next >= 0 && this.nextReset.compareAndSet(next, now + RESET_INTERVAL_NANOS)) {
				stop();
				start();
			}
		}
	}

}
