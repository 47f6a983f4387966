package io.idempotency.redis;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.idempotency.store.Lease;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisShardedCluster;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisClusterConnection;
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

	@Test
	void masterThatDoesNotAnswerDelaysRenewalsOfNoOther() {
		int stopped = nodes().iterator().next().getRequiredPort();
		Map<Boolean, List<Lease>> leases = acquire(store(), 60).stream()
			.collect(Collectors.partitioningBy((lease) -> port(lease) == stopped));
		assertThat(leases.get(true)).isNotEmpty();
		assertThat(leases.get(false)).isNotEmpty();
		List<Lease> all = Stream.of(true, false).map(leases::get).flatMap(List::stream).toList();
		Map<Lease, CompletionStage<Boolean>> answers = new HashMap<>();
		RedisConsole.suspendDuring(RedisProcess.running(stopped), () -> {
			answers.putAll(store().renewAll(all, TERMS));
			assertThat(leases.get(false)).allSatisfy((lease) -> assertThat(answers.get(lease))
				.succeedsWithin(Duration.ofSeconds(2), InstanceOfAssertFactories.BOOLEAN)
				.isTrue());
			assertThat(leases.get(true)).allSatisfy((lease) -> assertThat(answers.get(lease)).isNotDone());
		});
		assertThat(leases.get(true)).allSatisfy((lease) -> assertThat(answers.get(lease))
			.succeedsWithin(Duration.ofSeconds(10), InstanceOfAssertFactories.BOOLEAN)
			.isTrue());
		await().atMost(Duration.ofMinutes(1))
			.untilAsserted(() -> assertThat(nodes()).allMatch((node) -> servesAllSlots(node.getRequiredPort())));
	}

	private Set<RedisNode> nodes() {
		return Set.copyOf(Objects.requireNonNull(connections().getClusterConfiguration()).getClusterNodes());
	}

	/**
	 * Returns where the master of a lease is.
	 */
	private int port(Lease lease) {
		try (RedisClusterConnection connection = connections().getClusterConnection()) {
			byte[] key = (PREFIX + lease.key().hex()).getBytes(StandardCharsets.UTF_8);
			return connection.clusterGetNodeForKey(key).getRequiredPort();
		}
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
