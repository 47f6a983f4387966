package io.idempotency.redis;

import java.time.Duration;

import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class RedisAtStartIntegrationTests {

	private final RedisProcess redis = RedisProcess.startLocal();

	@BeforeEach
	void logAtInfo() {
		level(LogLevel.INFO);
	}

	private static void level(@Nullable LogLevel level) {
		LoggingSystem.get(RedisAtStart.class.getClassLoader()).setLogLevel(RedisAtStart.class.getName(), level);
	}

	@AfterEach
	void stop() {
		level(null);
		this.redis.close();
	}

	@Test
	void saysWhatItFound(CapturedOutput output) {
		report();
		assertThat(output)
			.containsPattern("kept in Redis here, version \\d+\\.\\d+\\.\\d+, "
					+ "maxmemory-policy noeviction, append-only file off")
			.doesNotContain("WARN");
	}

	@Test
	void warnsOfEviction(CapturedOutput output) {
		try (RedisConsole console = RedisConsole.connect(this.redis)) {
			console.send("CONFIG SET maxmemory-policy volatile-ttl");
		}
		report();
		assertThat(output).containsPattern("WARN .*The maxmemory-policy of Redis here is volatile-ttl");
	}

	@Test
	void doesNotNeedTheCommandThatItAsks(CapturedOutput output) {
		try (RedisConsole console = RedisConsole.connect(this.redis)) {
			console.send("ACL SETUSER default -info");
		}
		report();
		assertThat(output).contains("INFO this user may not read").doesNotContain("WARN");
		try (RedisConsole console = RedisConsole.connect(this.redis)) {
			console.send("ACL SETUSER default +info");
		}
	}

	@Test
	void warnsOnceWhereRedisIsAway(CapturedOutput output) {
		RedisConsole.kill(this.redis);
		report();
		assertThat(output.toString().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("Redis here, which does not answer");
	}

	private void report() {
		StoreConnections connections = StoreConnections.withTimeout(
				new LettuceConnectionFactory(new RedisStandaloneConfiguration(this.redis.host(), this.redis.port()),
						LettuceClientConfiguration.defaultConfiguration()),
				Duration.ofSeconds(5));
		try {
			RedisAtStart.report("Redis here", connections.factory());
		}
		finally {
			connections.destroy();
		}
	}

}
