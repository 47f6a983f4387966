package io.idempotency.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import io.lettuce.core.cluster.SlotHash;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A Redis Cluster whose replicas acknowledge claims and outcomes.
 */
@TestInstance(Lifecycle.PER_CLASS)
class RedisClusterAcknowledgeIntegrationTests {

	private static final String PREFIX = "acknowledged:";

	private final ClusterServers cluster = ClusterServers.start(1);

	private final LettuceConnectionFactory connections = RedisStoreContract
		.own(RedisStoreContract.connect(this.cluster.configuration()));

	private final RedisIdempotencyStore store = new RedisIdempotencyStore(this.connections, PREFIX,
			OutcomeCodec.deflating(),
			new StoreConnections(this.connections, true).replicated(new Acknowledge(1, Duration.ofSeconds(8))));

	RedisClusterAcknowledgeIntegrationTests() throws IOException {
	}

	@AfterAll
	void stop() throws IOException {
		this.store.close();
		this.connections.destroy();
		this.cluster.close();
	}

	@Test
	void replicaThatIsBehindDelaysKeysOfNoOtherMaster() {
		RedisProcess replica = this.cluster.replicas().get(0);
		int master = ClusterServers.master(replica).port();
		assertThat(acquire(leases().findFirst().orElseThrow())).isInstanceOf(Acquired.class);
		List<CompletableFuture<Acquisition>> waiting = new ArrayList<>();
		RedisConsole.suspendDuring(replica, () -> {
			leases().filter((lease) -> port(lease) == master)
				.limit(40)
				.forEach((lease) -> waiting.add(inThread(lease)));
			assertThat(leases().filter((lease) -> port(lease) != master).limit(100))
				.allSatisfy((lease) -> assertThat(acquire(lease)).isInstanceOf(Acquired.class));
			assertThat(waiting).noneMatch(CompletableFuture::isDone);
		});
		assertThat(waiting).allSatisfy((acquisition) -> assertThat(acquisition).succeedsWithin(Duration.ofSeconds(30))
			.isInstanceOf(Acquired.class));
	}

	@Test
	void followsKeysThatMoveToAnotherMaster() {
		Lease lease = leases().findFirst().orElseThrow();
		int slot = SlotHash.getSlot(redisKey(lease));
		RedisProcess from = RedisProcess.running(port(lease));
		RedisProcess to = this.cluster.masters()
			.stream()
			.filter((node) -> node.port() != from.port())
			.findFirst()
			.orElseThrow();
		assertThat(acquire(leases().filter((other) -> port(other) == to.port()).findFirst().orElseThrow()))
			.isInstanceOf(Acquired.class);
		send(to, "CLUSTER SETSLOT " + slot + " IMPORTING " + id(from));
		send(from, "CLUSTER SETSLOT " + slot + " MIGRATING " + id(to));
		send(to, "SCRIPT FLUSH");
		assertThat(acquire(lease)).as("while its slot moves to a node that does not know the scripts")
			.isInstanceOf(Acquired.class);
		assertThat(this.store.release(lease)).isTrue();
		this.cluster.masters().forEach((node) -> send(node, "CLUSTER SETSLOT " + slot + " NODE " + id(to)));
		assertThat(acquire(lease)).as("when its slot has moved").isInstanceOf(Acquired.class);
		assertThat(this.store.find(lease.key())).isPresent();
		send(to, "DEL " + PREFIX + lease.key().hex());
		this.cluster.masters().forEach((node) -> send(node, "CLUSTER SETSLOT " + slot + " NODE " + id(from)));
		await().untilAsserted(() -> assertThat(acquire(lease)).isInstanceOf(Acquired.class));
	}

	private static String id(RedisProcess node) {
		return send(node, "CLUSTER MYID");
	}

	private static String send(RedisProcess node, String command) {
		try (RedisConsole console = RedisConsole.connect(node)) {
			return console.send(command);
		}
	}

	private Acquisition acquire(Lease lease) {
		return this.store.acquire(lease, Fingerprint.ANY, RedisStoreContract.TERMS);
	}

	private CompletableFuture<Acquisition> inThread(Lease lease) {
		return CompletableFuture.supplyAsync(() -> acquire(lease), (task) -> new Thread(task).start());
	}

	private static Stream<Lease> leases() {
		return Stream
			.generate(() -> Lease.of(new RecordKey((UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", ""))));
	}

	/**
	 * Returns where the master of a lease is.
	 */
	private int port(Lease lease) {
		try (RedisClusterConnection connection = this.connections.getClusterConnection()) {
			return connection.clusterGetNodeForKey(redisKey(lease)).getRequiredPort();
		}
	}

	private static byte[] redisKey(Lease lease) {
		return (PREFIX + lease.key().hex()).getBytes(StandardCharsets.UTF_8);
	}

}
