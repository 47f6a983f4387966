package io.idempotency.redis;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.testing.RedisProcess;
import redis.embedded.RedisShardedCluster;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
		await().atMost(Duration.ofMinutes(1))
			.untilAsserted(
					() -> assertThat(cluster.serverPorts()).allMatch(RedisClusterIntegrationTests::servesAllSlots));
		return new Server(configuration(cluster), cluster::stop);
	}

	/**
	 * Each node learns by itself that the cluster is complete, and refuses commands until
	 * then.
	 */
	private static boolean servesAllSlots(int port) {
		try (Socket node = new Socket("127.0.0.1", port)) {
			node.getOutputStream().write("CLUSTER INFO\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
			return new String(node.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
				.contains("cluster_state:ok");
		}
		catch (IOException ex) {
			return false;
		}
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
