package io.idempotency.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Masters that hang under load, and are replaced by their replicas. Every request is to
 * be answered. Replication is asynchronous, so some that were answered run twice: they
 * are counted and printed. A build replaces a master under load, and one whose replica is
 * behind and is to acknowledge; {@code -Dfailover.promotions=10} replaces ten of each,
 * and compares them with and without acknowledgement.
 */
class RedisFailoverIntegrationTests {

	private static final int PROMOTIONS = Integer.getInteger("failover.promotions", 1);

	private static final boolean COMPARE = PROMOTIONS > 1;

	private static final Duration UNHEARD = Duration.ofMillis(300);

	private static final int ENOUGH = 300;

	@ParameterizedTest
	@ValueSource(strings = { "lettuce", "jedis" })
	void everyRequestIsAnsweredWhenSentinelReplacesTheMaster(String client) throws Exception {
		try (FailoverServers servers = FailoverServers.sentinel()) {
			replaceMasters("Sentinel, " + client, servers, client);
		}
	}

	@Test
	void everyRequestIsAnsweredWhenClusterReplacesTheMaster() throws Exception {
		try (FailoverServers servers = FailoverServers.cluster()) {
			replaceMasters("Cluster", servers, "lettuce");
		}
	}

	private static void replaceMasters(String kind, FailoverServers servers, String client) {
		for (int replicas : new int[] { 0, 1 }) {
			try (TestApp app = start(servers, replicas, client)) {
				FailoverLoad load = new FailoverLoad(app);
				FailoverServers.eventually()
					.until(() -> app.post("/payments", TestApp.newKey(), "{}").statusCode() == 201);
				String title = kind + ", acknowledge.replicas=" + replicas;
				// Until the former master is back, the new one has no replica.
				Runnable meanwhile = (replicas > 0) ? () -> {
				} : () -> awaitAnswers(load);
				if (COMPARE || replicas == 0) {
					count(app, title + ", under load", load, () -> servers.replaceMaster(meanwhile));
				}
				if (COMPARE || replicas > 0) {
					count(app, title + ", replica behind", load, () -> servers
						.replaceMasterByReplicaThatIsBehind(RedisFailoverIntegrationTests::pass, meanwhile));
				}
			}
		}
	}

	private static void count(TestApp app, String title, FailoverLoad load, Runnable promotion) {
		IdempotencyStore store = app.bean(IdempotencyStore.class);
		long unacknowledged = store.unacknowledged();
		int before = load.count();
		int doubles = 0;
		for (int i = 0; i < PROMOTIONS; i++) {
			load.during(() -> {
				awaitAnswers(load);
				promotion.run();
				awaitAnswers(load);
			});
			doubles += load.doubles();
		}
		System.out.println(title + ": of " + (load.count() - before) + " answered requests, " + doubles
				+ " ran twice, in " + PROMOTIONS + " promotions; " + (store.unacknowledged() - unacknowledged)
				+ " responses were not acknowledged");
		assertThat(load.count() - before).isGreaterThan(PROMOTIONS * 2 * ENOUGH);
	}

	/**
	 * All clients get answers again.
	 */
	private static void awaitAnswers(FailoverLoad load) {
		int enough = load.count() + ENOUGH;
		await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(10)).until(() -> load.count() > enough);
	}

	private static void pass() {
		long end = System.nanoTime() + UNHEARD.toNanos();
		await().pollInterval(Duration.ofMillis(10)).until(() -> System.nanoTime() - end > 0);
	}

	private static TestApp start(FailoverServers servers, int replicas, String client) {
		List<String> properties = new ArrayList<>(servers.properties());
		properties.addAll(List.of("idempotency.store=redis", "idempotency.redis.timeout=500ms",
				"idempotency.redis.acknowledge.timeout=200ms", "idempotency.lease-duration=2s",
				"idempotency.redis.acknowledge.replicas=" + replicas, "spring.data.redis.client-type=" + client));
		return TestApp.start(List.of(FailoverLoad.Payments.class), properties.toArray(String[]::new));
	}

}
