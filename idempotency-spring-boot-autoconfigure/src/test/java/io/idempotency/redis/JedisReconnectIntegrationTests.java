package io.idempotency.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.idempotency.store.StoredRecord;
import io.idempotency.testing.RedisConsole;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The same, with Jedis, which has a pool of connections.
 */
@Tag("compatibility")
class JedisReconnectIntegrationTests extends RedisReconnectIntegrationTests {

	private static final int CONNECTIONS = 20;

	@Override
	RedisConnectionFactory client(RedisStandaloneConfiguration server) {
		return new JedisConnectionFactory(server);
	}

	@Test
	void oneCallAtMostFailsAfterRestartHoweverManyConnectionsAreOpen() {
		List<CompletableFuture<Optional<StoredRecord>>> calls = new ArrayList<>();
		try (RedisConsole console = RedisConsole.connect(redis())) {
			console.send("CLIENT PAUSE 600000 WRITE");
			for (int i = 0; i < CONNECTIONS; i++) {
				calls.add(CompletableFuture.supplyAsync(() -> store().find(newKey()),
						(task) -> new Thread(task).start()));
			}
			await().until(
					() -> Integer.parseInt(RedisConsole.info(redis(), "clients", "connected_clients")) > CONNECTIONS);
			console.send("CLIENT UNPAUSE");
		}
		calls.forEach(CompletableFuture::join);
		restart();
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> store().find(newKey()));
		for (int i = 0; i < CONNECTIONS; i++) {
			assertThat(store().find(newKey())).isEmpty();
		}
	}

}
