package io.idempotency.sample;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.Set;

import org.junit.jupiter.api.Test;
import redis.embedded.RedisServer;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The service with the profile {@code redis} and a real server.
 */
@ActiveProfiles("redis")
class SampleRedisIntegrationTests extends AbstractSampleTests {

	@DynamicPropertySource
	static void startRedis(DynamicPropertyRegistry registry) throws IOException {
		int port = freePort();
		RedisServer server = RedisServer.newRedisServer().port(port).setting("save \"\"").build();
		server.start();
		registry.add("spring.data.redis.port", () -> port);
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	@Test
	void keepsResponseInRedis(@Autowired StringRedisTemplate redis) {
		Set<String> before = redis.keys("idempotency:*");
		pay("12.50");
		assertThat(redis.keys("idempotency:*")).hasSize(before.size() + 1);
	}

}
