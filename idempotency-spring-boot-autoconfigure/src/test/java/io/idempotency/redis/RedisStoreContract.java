package io.idempotency.redis;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreStepContract;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The contract on a real Redis, whose time really passes.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class RedisStoreContract extends IdempotencyStoreStepContract {

	static final String PREFIX = "contract:";

	static final LeaseTerms TERMS = new LeaseTerms(Duration.ofMinutes(1), null);

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final Server server;

	private final StoreConnections connections;

	private final StoreConnections otherConnections;

	private final RedisIdempotencyStore store;

	private final RedisIdempotencyStore otherInstance;

	/**
	 * The store itself has the application's connections, the other instance has its own.
	 */
	RedisStoreContract(Server server) {
		this(server, RedisStoreContract::connect);
	}

	RedisStoreContract(Server server, Function<RedisConfiguration, RedisConnectionFactory> client) {
		this.server = server;
		this.connections = new StoreConnections(client.apply(server.configuration()), true);
		this.otherConnections = StoreConnections.withTimeout(this.connections.factory(), PATIENCE);
		this.store = new RedisIdempotencyStore(this.connections.factory(), PREFIX);
		this.otherInstance = new RedisIdempotencyStore(this.otherConnections.factory(), PREFIX);
	}

	/**
	 * The store itself has its own connections and waits for replicas, the other instance
	 * does not wait.
	 */
	RedisStoreContract(Server server, Function<RedisConfiguration, RedisConnectionFactory> client,
			Acknowledge acknowledge) {
		this.server = server;
		this.connections = StoreConnections.withTimeout(client.apply(server.configuration()), PATIENCE);
		this.otherConnections = StoreConnections.withTimeout(client.apply(server.configuration()), PATIENCE);
		this.store = new RedisIdempotencyStore(this.connections.factory(), PREFIX, OutcomeCodec.deflating(),
				this.connections.replicated(acknowledge));
		this.otherInstance = new RedisIdempotencyStore(this.otherConnections.factory(), PREFIX);
	}

	static LettuceConnectionFactory connect(RedisConfiguration configuration) {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(configuration,
				LettuceClientConfiguration.builder().commandTimeout(PATIENCE).build());
		connections.afterPropertiesSet();
		connections.start();
		return connections;
	}

	/**
	 * Returns connections as the store makes them for itself, on which it asks Lettuce
	 * past Spring Data.
	 */
	static LettuceConnectionFactory own(LettuceConnectionFactory connections) {
		return (LettuceConnectionFactory) StoreConnections.withTimeout(connections, PATIENCE).factory();
	}

	@AfterAll
	void stop() throws Exception {
		this.store.close();
		this.otherInstance.close();
		this.connections.destroy();
		this.otherConnections.destroy();
		this.server.stop().close();
	}

	RedisConnectionFactory connections() {
		return this.connections.factory();
	}

	@Override
	protected IdempotencyStore store() {
		return this.store;
	}

	@Override
	protected IdempotencyStore otherInstance() {
		return this.otherInstance;
	}

	@Override
	protected void advance(Duration duration) {
		long end = System.nanoTime() + duration.plusMillis(5).toNanos();
		await().atMost(Duration.ofMinutes(1))
			.pollInterval(Duration.ofMillis(5))
			.until(() -> System.nanoTime() - end >= 0);
	}

	/**
	 * Acquires records of new keys.
	 */
	static List<Lease> acquire(IdempotencyStore store, int count) {
		return Stream
			.generate(() -> Lease.of(new RecordKey((UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", ""))))
			.limit(count)
			.peek((lease) -> assertThat(store.acquire(lease, Fingerprint.ANY, TERMS)).isInstanceOf(Acquired.class))
			.toList();
	}

	/**
	 * A running Redis.
	 *
	 * @param configuration where it is
	 * @param stop stops it
	 */
	record Server(RedisConfiguration configuration, AutoCloseable stop) {
	}

}
