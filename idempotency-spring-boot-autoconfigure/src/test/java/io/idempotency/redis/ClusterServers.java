package io.idempotency.redis;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.testing.LocalServer;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import redis.embedded.RedisShardedCluster;
import redis.embedded.core.RedisServerBuilder;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A running Redis Cluster of three masters, and their replicas.
 */
record ClusterServers(RedisShardedCluster cluster) implements AutoCloseable {

	/**
	 * Starts a cluster, and waits until it is complete.
	 * @param replicas how many replicas each master has
	 */
	static ClusterServers start(int replicas) throws IOException {
		RedisShardedCluster cluster = startServers(replicas);
		ClusterServers servers = new ClusterServers(cluster);
		await().atMost(LocalServer.PATIENCE).pollInterval(Duration.ofMillis(50)).untilAsserted(() -> {
			assertThat(cluster.serverPorts()).allMatch(ClusterServers::servesAllSlots);
			assertThat(servers.replicas()).hasSize(3 * replicas)
				.allMatch((replica) -> RedisConsole.info(replica, "replication", "master_link_status").equals("up"));
		});
		return servers;
	}

	/**
	 * Another process may take one of the many ports before a node listens there.
	 */
	private static RedisShardedCluster startServers(int replicas) throws IOException {
		IOException failure = new IOException();
		for (int attempt = 1; attempt <= 5; attempt++) {
			RedisShardedCluster cluster = RedisShardedCluster.newRedisCluster()
				.withServerBuilder(new RedisServerBuilder().setting("repl-diskless-sync-delay 0"))
				.serverPorts(ports(3 + 3 * replicas))
				.shard("a", replicas)
				.shard("b", replicas)
				.shard("c", replicas)
				.build();
			try {
				cluster.start();
				return cluster;
			}
			catch (IOException ex) {
				failure = ex;
				cluster.stop();
			}
		}
		throw failure;
	}

	/**
	 * A node of a cluster listens also at its port plus 10000.
	 */
	private static List<Integer> ports(int count) {
		return Stream.generate(RedisProcess::freePort).filter((port) -> port < 55_000).distinct().limit(count).toList();
	}

	/**
	 * Each node learns by itself that the cluster is complete, and refuses commands until
	 * then.
	 */
	static boolean servesAllSlots(int port) {
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
	 * Returns the nodes that are masters by now.
	 */
	List<RedisProcess> masters() {
		return nodes("master");
	}

	/**
	 * Returns the nodes that are replicas by now.
	 */
	List<RedisProcess> replicas() {
		return nodes("slave");
	}

	private List<RedisProcess> nodes(String role) {
		return this.cluster.serverPorts()
			.stream()
			.map(RedisProcess::running)
			.filter((node) -> RedisConsole.info(node, "replication", "role").equals(role))
			.toList();
	}

	/**
	 * Returns the master of a replica.
	 */
	static RedisProcess master(RedisProcess replica) {
		return RedisProcess.running(Integer.parseInt(RedisConsole.info(replica, "replication", "master_port")));
	}

	RedisClusterConfiguration configuration() {
		List<RedisNode> nodes = new ArrayList<>();
		this.cluster.serverPorts().forEach((port) -> nodes.add(new RedisNode("127.0.0.1", port)));
		RedisClusterConfiguration configuration = new RedisClusterConfiguration();
		configuration.setClusterNodes(nodes);
		return configuration;
	}

	@Override
	public void close() throws IOException {
		this.cluster.stop();
	}

}
