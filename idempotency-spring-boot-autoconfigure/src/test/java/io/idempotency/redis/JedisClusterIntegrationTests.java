package io.idempotency.redis;

import java.io.IOException;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

/**
 * The contract on a Redis Cluster of three masters that the application reaches with
 * Jedis.
 */
class JedisClusterIntegrationTests extends RedisStoreContract {

	JedisClusterIntegrationTests() throws IOException {
		super(start(), JedisClusterIntegrationTests::jedis);
	}

	private static Server start() throws IOException {
		ClusterServers cluster = ClusterServers.start(0);
		return new Server(cluster.configuration(), cluster);
	}

	private static JedisConnectionFactory jedis(RedisConfiguration cluster) {
		JedisConnectionFactory connections = new JedisConnectionFactory((RedisClusterConfiguration) cluster);
		connections.afterPropertiesSet();
		connections.start();
		return connections;
	}

}
