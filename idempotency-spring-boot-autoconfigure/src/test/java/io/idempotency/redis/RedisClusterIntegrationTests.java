package io.idempotency.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.idempotency.store.Lease;
import io.idempotency.testing.LocalServer;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

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
		ClusterServers cluster = ClusterServers.start(0);
		return new Server(cluster.configuration(), cluster);
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
		await().atMost(LocalServer.PATIENCE)
			.untilAsserted(() -> assertThat(nodes())
				.allMatch((node) -> ClusterServers.servesAllSlots(node.getRequiredPort())));
	}

	private Set<RedisNode> nodes() {
		return Set.copyOf(Objects.requireNonNull(((LettuceConnectionFactory) connections()).getClusterConfiguration())
			.getClusterNodes());
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

}
