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
		try (RedisConsole console = RedisConsole.connect(REDIS)) {
			for (IdempotencyStore store : List.of(store(), otherInstance())) {
				List<Lease> leases = acquire(store, LEASES);
				// Redis forgets the script, and the whole pipeline must be repeated.
				console.send("SCRIPT FLUSH");
				long before = readsOf(REDIS);
				assertThat(store.renewAll(leases, TERMS)).hasSize(LEASES);
				assertThat(readsOf(REDIS) - before).isLessThan(LEASES / 4);
				assertThat(store.renewAll(leases, TERMS).values())
					.allSatisfy((answer) -> assertThat(answer).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(true));
				leases.forEach(store::release);
				assertThat(store.renewAll(leases, TERMS).values())
					.allSatisfy((answer) -> assertThat(answer).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(false));
			}
		}
	}

	private static long readsOf(RedisProcess redis) {
		return Long.parseLong(RedisConsole.info(redis, "stats", "total_reads_processed"));
	}

}
