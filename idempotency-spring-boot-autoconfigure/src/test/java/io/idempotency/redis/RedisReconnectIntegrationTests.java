package io.idempotency.redis;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore.Registration;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The connections of a store whose Redis goes away, comes back, or becomes a replica.
 */
class RedisReconnectIntegrationTests {

	private final int port = RedisProcess.freePort();

	private RedisProcess redis = RedisProcess.startLocal(this.port);

	private final StoreConnections connections = StoreConnections
		.withTimeout(client(new RedisStandaloneConfiguration("127.0.0.1", this.port)), Duration.ofSeconds(10));

	private final RedisIdempotencyStore store = new RedisIdempotencyStore(this.connections.factory(), "reconnect:");

	RedisConnectionFactory client(RedisStandaloneConfiguration server) {
		return new LettuceConnectionFactory(server, LettuceClientConfiguration.defaultConfiguration());
	}

	RedisProcess redis() {
		return this.redis;
	}

	RedisIdempotencyStore store() {
		return this.store;
	}

	/**
	 * Kills Redis and starts it again.
	 */
	void restart() {
		RedisConsole.kill(this.redis);
		this.redis = RedisProcess.startLocal(this.port);
	}

	@BeforeEach
	void connect() {
		assertThat(this.store.find(newKey())).isEmpty();
	}

	@AfterEach
	void close() throws Exception {
		this.store.close();
		this.connections.destroy();
		this.redis.close();
	}

	@Test
	void isBackWithinASecondHoweverLongRedisWasAway() {
		RedisConsole.kill(this.redis);
		AtomicInteger refusals = new AtomicInteger();
		await().pollInterval(Duration.ofMillis(20))
			.during(Duration.ofSeconds(6))
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> {
				assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> this.store.find(newKey()));
				refusals.incrementAndGet();
			});
		// A call that waited for its answer would take ten seconds.
		assertThat(refusals).hasValueGreaterThan(50);
		this.redis = RedisProcess.startLocal(this.port);
		await().pollInterval(Duration.ofMillis(10))
			.atMost(Duration.ofMillis(1500))
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(this.store.find(newKey())).isEmpty());
	}

	@Test
	void hearsOfChangesAfterRedisWasAway() {
		AtomicInteger hints = new AtomicInteger();
		RecordKey key = newKey();
		try (Registration registration = this.store.onChange(key, hints::incrementAndGet)) {
			assertThat(registration).isNotNull();
			restart();
			await().pollInterval(Duration.ofMillis(20)).ignoreExceptions().untilAsserted(() -> {
				Lease lease = Lease.of(key);
				assertThat(this.store.acquire(lease, Fingerprint.ANY, RedisStoreContract.TERMS))
					.isInstanceOf(Acquired.class);
				this.store.onChange(key, () -> {
				}).close();
				assertThat(this.store.complete(lease, new ResponseNotStored(), Expiry.never())).isTrue();
				this.store.remove(key);
				assertThat(hints).hasPositiveValue();
			});
		}
	}

	@Test
	void connectsAnewWhenItsMasterHasBecomeAReplica() {
		try (RedisConsole console = RedisConsole.connect(this.redis)) {
			int before = connectionsReceived(console);
			this.store.find(newKey());
			assertThat(connectionsReceived(console)).isEqualTo(before);
			console.send("REPLICAOF 127.0.0.1 1");
			Lease lease = Lease.of(newKey());
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> this.store.acquire(lease, Fingerprint.ANY, RedisStoreContract.TERMS));
			console.send("REPLICAOF NO ONE");
			assertThat(this.store.acquire(lease, Fingerprint.ANY, RedisStoreContract.TERMS))
				.isInstanceOf(Acquired.class);
			assertThat(connectionsReceived(console)).isGreaterThan(before);
		}
	}

	private static int connectionsReceived(RedisConsole console) {
		return console.send("INFO stats")
			.lines()
			.filter((line) -> line.startsWith("total_connections_received:"))
			.mapToInt((line) -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
			.findFirst()
			.orElseThrow();
	}

	static RecordKey newKey() {
		return new RecordKey((UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", ""));
	}

}
