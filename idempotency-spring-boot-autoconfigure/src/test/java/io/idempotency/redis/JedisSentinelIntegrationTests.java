package io.idempotency.redis;

import java.io.IOException;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

/**
 * The contract on a Redis that Sentinel tells the address of, that the application
 * reaches with Jedis, and whose replica acknowledges claims and outcomes.
 */
class JedisSentinelIntegrationTests extends RedisStoreContract {

	JedisSentinelIntegrationTests() throws IOException {
		super(RedisSentinelIntegrationTests.start(), JedisSentinelIntegrationTests::jedis,
				RedisSentinelIntegrationTests.ACKNOWLEDGE);
	}

	private static JedisConnectionFactory jedis(RedisConfiguration sentinels) {
		JedisConnectionFactory connections = new JedisConnectionFactory((RedisSentinelConfiguration) sentinels);
		connections.afterPropertiesSet();
		connections.start();
		return connections;
	}

}
