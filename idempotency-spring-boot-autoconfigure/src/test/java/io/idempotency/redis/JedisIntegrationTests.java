package io.idempotency.redis;

import java.time.Duration;
import java.util.List;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract on a Redis that the application reaches with Jedis.
 */
@Tag("compatibility")
class JedisIntegrationTests extends RedisStoreContract {

	private static final int LEASES = 400;

	private static final RedisProcess REDIS = RedisProcess.shared();

	JedisIntegrationTests() {
		super(new Server(new RedisStandaloneConfiguration(REDIS.host(), REDIS.port()), () -> {
		}), JedisIntegrationTests::jedis);
	}

	private static JedisConnectionFactory jedis(RedisConfiguration server) {
		JedisConnectionFactory connections = new JedisConnectionFactory((RedisStandaloneConfiguration) server,
				JedisClientConfiguration.builder().usePooling().build());
		connections.afterPropertiesSet();
		connections.start();
		return connections;
	}

	@Test
	void saysWhereItIs() {
		assertThat(store()).hasToString("Redis at " + REDIS.host() + ":" + REDIS.port());
	}

	@Test
	void renewsManyLeasesInFewRoundTrips() {
		for (IdempotencyStore store : List.of(store(), otherInstance())) {
			List<Lease> leases = acquire(store, LEASES);
			long before = readsOf(REDIS);
			assertRenewed(store, leases, true);
			assertThat(readsOf(REDIS) - before).isLessThan(LEASES / 4);
			leases.forEach(store::release);
			assertRenewed(store, leases, false);
		}
	}

	@Test
	void renewsManyLeasesAfterRedisForgotScriptsAndWithoutFurtherPermission() {
		List<Lease> leases = acquire(store(), LEASES);
		try (RedisConsole console = RedisConsole.connect(REDIS)) {
			console.send("SCRIPT FLUSH");
			assertThat(console.send("ACL SETUSER default -script")).isEqualTo("OK");
			try {
				assertRenewed(store(), leases, true);
			}
			finally {
				console.send("ACL SETUSER default +script");
			}
		}
		leases.forEach(store()::release);
	}

	private static void assertRenewed(IdempotencyStore store, List<Lease> leases, boolean renewed) {
		assertThat(store.renewAll(leases, TERMS).values()).hasSize(LEASES)
			.allSatisfy((answer) -> assertThat(answer).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(renewed));
	}

	private static long readsOf(RedisProcess redis) {
		return Long.parseLong(RedisConsole.info(redis, "stats", "total_reads_processed"));
	}

}
