package io.idempotency.redis;

import java.nio.file.Path;
import java.time.Duration;

import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
class RedisAtStartIntegrationTests {

	@TempDir
	private Path directory;

	private RedisProcess redis;

	@BeforeEach
	void start() {
		this.redis = RedisProcess.startLocal("dir " + this.directory);
		set("save \"3600 1 300 100\"");
		level(LogLevel.INFO);
	}

	private static void level(@Nullable LogLevel level) {
		LoggingSystem.get(RedisAtStart.class.getClassLoader()).setLogLevel(RedisAtStart.class.getName(), level);
	}

	@AfterEach
	void stop() {
		level(null);
		RedisConsole.kill(this.redis);
	}

	// O7
	@Test
	void saysWhatItFound(CapturedOutput output) throws Exception {
		report();
		assertThat(output)
			.containsPattern("kept in Redis here, version \\d+\\.\\d+\\.\\d+, "
					+ "maxmemory-policy noeviction, append-only file off, snapshots \\(save\\) 3600 1 300 100, "
					+ "min-replicas-to-write 0")
			.doesNotContain("WARN");
	}

	@Test
	void warnsOfRedisThatKeepsNothingOnDisk(CapturedOutput output) throws Exception {
		set("save \"\"");
		report();
		assertThat(output).containsPattern("append-only file off, snapshots \\(save\\) off")
			.containsPattern("WARN .*Redis here keeps nothing on disk");
	}

	@Test
	void doesNotWarnOfRedisThatAppends(CapturedOutput output) throws Exception {
		set("save \"\"");
		set("appendonly yes");
		report();
		assertThat(output).containsPattern("append-only file on, snapshots \\(save\\) off").doesNotContain("WARN");
	}

	@Test
	void warnsOfFewerReplicasThanAreToAcknowledge(CapturedOutput output) throws Exception {
		try (RedisProcess replica = RedisProcess.startLocal("replicaof 127.0.0.1 " + this.redis.port())) {
			await().untilAsserted(
					() -> assertThat(RedisConsole.info(this.redis, "replication", "connected_slaves")).isEqualTo("1"));
			report(1);
			assertThat(output).doesNotContain("WARN");
			report(2);
			assertThat(output).containsPattern("WARN .*acknowledge.replicas is 2.*Redis here \\(1\\)");
			assertThat(replica.port()).isPositive();
		}
	}

	@Test
	void doesNotNeedTheSettings(CapturedOutput output) throws Exception {
		set("save \"\"");
		try (RedisConsole console = RedisConsole.connect(this.redis)) {
			console.send("ACL SETUSER default -config");
		}
		report();
		assertThat(output)
			.containsPattern("append-only file off, snapshots \\(save\\) not told, min-replicas-to-write not told")
			.doesNotContain("WARN");
	}

	@Test
	void warnsOfEviction(CapturedOutput output) throws Exception {
		set("maxmemory-policy volatile-ttl");
		report();
		assertThat(output).containsPattern("WARN .*The maxmemory-policy of Redis here is volatile-ttl");
	}

	@Test
	void doesNotNeedTheCommandThatItAsks(CapturedOutput output) throws Exception {
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
	void warnsOnceWhereRedisIsAway(CapturedOutput output) throws Exception {
		RedisConsole.kill(this.redis);
		report();
		this.redis = RedisProcess.startLocal();
		assertThat(output.toString().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("Redis here, which does not answer");
	}

	private void set(String setting) {
		try (RedisConsole console = RedisConsole.connect(this.redis)) {
			console.send("CONFIG SET " + setting);
		}
	}

	private void report() throws Exception {
		report(0);
	}

	private void report(int replicas) throws Exception {
		StoreConnections connections = StoreConnections.withTimeout(
				new LettuceConnectionFactory(new RedisStandaloneConfiguration(this.redis.host(), this.redis.port()),
						LettuceClientConfiguration.defaultConfiguration()),
				Duration.ofSeconds(5));
		try {
			RedisAtStart.report("Redis here", connections.factory(), replicas);
		}
		finally {
			connections.destroy();
		}
	}

}
