package io.idempotency.redis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.testing.RedisProcess;
import redis.embedded.RedisShardedCluster;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisNode;

/**
 * The contract on a Redis Cluster of three masters.
 */
class RedisClusterIntegrationTests extends RedisStoreContract {

	RedisClusterIntegrationTests() throws IOException {
		super(start());
	}

	private static Server start() throws IOException {
		RedisShardedCluster cluster = RedisShardedCluster.newRedisCluster()
			.serverPorts(ports())
			.shard("a", 0)
			.shard("b", 0)
			.shard("c", 0)
			.build();
		cluster.start();
		return new Server(configuration(cluster), cluster::stop);
	}

	/**
	 * A node of a cluster listens also at its port plus 10000.
	 */
	private static List<Integer> ports() {
		return Stream.generate(RedisProcess::freePort).filter((port) -> port < 55_000).distinct().limit(3).toList();
	}

	private static RedisClusterConfiguration configuration(RedisShardedCluster cluster) {
		List<RedisNode> nodes = new ArrayList<>();
		cluster.serverPorts().forEach((port) -> nodes.add(new RedisNode("127.0.0.1", port)));
		RedisClusterConfiguration configuration = new RedisClusterConfiguration();
		configuration.setClusterNodes(nodes);
		return configuration;
	}

}
