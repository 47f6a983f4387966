package io.idempotency.redis;

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

	private final OncePerSecond resets = new OncePerSecond();

	JedisStoreConnections(RedisStandaloneConfiguration server, JedisTimeLimit client) {
		super(server, client);
	}

	@Override
	public void failed(RuntimeException failure) {
		boolean reset = failure instanceof RedisConnectionFailureException
				|| RedisLuaScript.answers(failure, "READONLY");
		if (reset && this.resets.isTurn()) {
			stop();
			start();
		}
	}

}
