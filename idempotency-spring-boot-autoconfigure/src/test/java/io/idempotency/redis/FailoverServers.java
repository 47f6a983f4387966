package io.idempotency.redis;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import io.idempotency.testing.LocalServer;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.awaitility.core.ConditionFactory;
import redis.embedded.RedisSentinel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A master and its replica, which take turns.
 */
abstract class FailoverServers implements AutoCloseable {

	private RedisProcess master;

	private RedisProcess replica;

	FailoverServers(RedisProcess master, RedisProcess replica) {
		this.master = master;
		this.replica = replica;
	}

	/**
	 * Returns the properties that make an application use the servers.
	 */
	abstract List<String> properties();

	/**
	 * Makes the replica the master. The master hangs.
	 */
	abstract void promote(RedisProcess replica);

	@Override
	public abstract void close() throws IOException;

	/**
	 * Makes a former master a replica, after it hung.
	 */
	void demote(RedisProcess formerMaster, RedisProcess newMaster) {
	}

	/**
	 * Replaces a master that hangs by its replica, and lets it go on as a replica.
	 * @param meanwhile runs before the former master goes on
	 */
	void replaceMaster(Runnable meanwhile) {
		Runnable resume = RedisConsole.suspend(this.master);
		replaceMaster(resume, meanwhile);
	}

	/**
	 * Replaces a master that hangs by its replica, which has not heard of it for a while.
	 * @param unheard runs while the replica does not hear of its master
	 * @param meanwhile runs before the former master goes on
	 */
	void replaceMasterByReplicaThatIsBehind(Runnable unheard, Runnable meanwhile) {
		Runnable resumeReplica = RedisConsole.suspend(this.replica);
		Runnable resume;
		try {
			try (RedisConsole console = RedisConsole.connect(this.master)) {
				console.send("CLIENT KILL TYPE replica");
			}
			unheard.run();
			resume = RedisConsole.suspend(this.master);
		}
		finally {
			resumeReplica.run();
		}
		replaceMaster(resume, meanwhile);
	}

	private void replaceMaster(Runnable resume, Runnable meanwhile) {
		RedisProcess former = this.master;
		try {
			promote(this.replica);
			meanwhile.run();
		}
		finally {
			resume.run();
		}
		demote(former, this.replica);
		this.master = this.replica;
		this.replica = former;
		eventually().untilAsserted(
				() -> assertThat(RedisConsole.info(this.master, "replication", "slave0")).contains("state=online"));
	}

	static ConditionFactory eventually() {
		return await().atMost(LocalServer.PATIENCE).pollInterval(Duration.ofMillis(20)).ignoreExceptions();
	}

	static void send(RedisProcess server, String command) {
		try (RedisConsole console = RedisConsole.connect(server)) {
			console.send(command);
		}
	}

	/**
	 * Two servers and a Sentinel that does as it is told.
	 */
	static FailoverServers sentinel() throws IOException {
		RedisProcess master = RedisProcess.startLocal("repl-diskless-sync-delay 0");
		RedisProcess replica = RedisProcess.startLocal("repl-diskless-sync-delay 0",
				"replicaof 127.0.0.1 " + master.port());
		RedisSentinel sentinel = RedisSentinel.newRedisSentinel()
			.port(RedisProcess.freePort())
			.masterName("records")
			.masterPort(master.port())
			.quorumSize(1)
			.downAfterMilliseconds(60_000)
			.build();
		sentinel.start();
		RedisProcess console = RedisProcess.running(sentinel.ports().get(0));
		return new FailoverServers(master, replica) {

			@Override
			List<String> properties() {
				return List.of("spring.data.redis.sentinel.master=records",
						"spring.data.redis.sentinel.nodes=127.0.0.1:" + console.port());
			}

			@Override
			void promote(RedisProcess promoted) {
				// Refused until Sentinel has seen the replica.
				eventually().untilAsserted(() -> send(console, "SENTINEL FAILOVER records"));
				eventually().until(() -> RedisConsole.info(console, "sentinel", "master0")
					.contains("address=127.0.0.1:" + promoted.port()));
			}

			@Override
			void demote(RedisProcess formerMaster, RedisProcess newMaster) {
				// Sentinel would do it later, and then ends connections.
				send(formerMaster, "REPLICAOF 127.0.0.1 " + newMaster.port());
				send(formerMaster, "CLIENT KILL TYPE normal");
			}

			@Override
			public void close() throws IOException {
				sentinel.stop();
				master.close();
				replica.close();
			}

		};
	}

	/**
	 * A Cluster, of which one master and its replica take turns.
	 */
	static FailoverServers cluster() throws IOException {
		ClusterServers cluster = ClusterServers.start(1);
		RedisProcess replica = cluster.replicas().get(0);
		return new FailoverServers(ClusterServers.master(replica), replica) {

			@Override
			List<String> properties() {
				return List.of("spring.data.redis.cluster.nodes=127.0.0.1:" + cluster.masters().get(0).port()
						+ ",127.0.0.1:" + cluster.masters().get(1).port());
			}

			@Override
			void promote(RedisProcess promoted) {
				send(promoted, "CLUSTER FAILOVER TAKEOVER");
				eventually().until(() -> RedisConsole.info(promoted, "replication", "role").equals("master"));
			}

			@Override
			public void close() throws IOException {
				cluster.close();
			}

		};
	}

}
