package io.idempotency.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisSocketConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

class LettuceTimeLimitTests {

	// O1
	@Test
	void keepsServersOfEveryTopology() {
		keeps(new RedisStandaloneConfiguration("redis.invalid", 6380));
		keeps(new RedisSentinelConfiguration().master("main").sentinel("redis.invalid", 26379));
		keeps(new RedisClusterConfiguration().clusterNode("redis.invalid", 6380));
		keeps(new RedisSocketConfiguration("/nowhere/redis.sock"));
		keeps(new RedisStaticMasterReplicaConfiguration("redis.invalid", 6380));
	}

	@Test
	void triesToReconnectTwiceASecondAtLeastAndRejectsCommandsMeanwhile() {
		for (LettuceClientConfiguration client : List.of(LettuceClientConfiguration.defaultConfiguration(),
				LettuceClientConfiguration.builder().clientOptions(ClusterClientOptions.create()).build())) {
			LettuceConnectionFactory limited = limited(client);
			try {
				LettuceClientConfiguration configuration = limited.getClientConfiguration();
				Delay delay = configuration.getClientResources().orElseThrow().reconnectDelay();
				for (int attempt = 1; attempt <= 100; attempt++) {
					assertThat(delay.createDelay(attempt)).isBetween(Duration.ofMillis(1), Duration.ofMillis(500));
				}
				ClientOptions options = configuration.getClientOptions().orElseThrow();
				assertThat(options.getDisconnectedBehavior()).isEqualTo(DisconnectedBehavior.REJECT_COMMANDS);
				assertThat(options).hasSameClassAs(client.getClientOptions().orElseThrow());
			}
			finally {
				limited.destroy();
			}
		}
	}

	@Test
	void shutsDownThreadsOfItsOwn() {
		LettuceConnectionFactory limited = limited(LettuceClientConfiguration.defaultConfiguration());
		ClientResources own = limited.getClientConfiguration().getClientResources().orElseThrow();
		assertThat(own.eventExecutorGroup().isShuttingDown()).isFalse();
		limited.destroy();
		assertThat(own.eventExecutorGroup().isShuttingDown()).isTrue();
	}

	@Test
	void leavesThreadsOfOthersRunning() {
		ClientResources others = ClientResources.create();
		try {
			LettuceConnectionFactory limited = limited(
					LettuceClientConfiguration.builder().clientResources(others).build());
			ClientResources used = limited.getClientConfiguration().getClientResources().orElseThrow();
			assertThat(used.eventExecutorGroup()).isSameAs(others.eventExecutorGroup());
			assertThat(used.eventLoopGroupProvider()).isSameAs(others.eventLoopGroupProvider());
			limited.destroy();
			assertThat(others.eventExecutorGroup().isShuttingDown()).isFalse();
			assertThat(others.timer().newTimeout((timeout) -> {
			}, 1, TimeUnit.MINUTES).cancel()).isTrue();
		}
		finally {
			others.shutdown(0, 1, TimeUnit.SECONDS);
		}
	}

	private static LettuceConnectionFactory limited(LettuceClientConfiguration client) {
		return (LettuceConnectionFactory) LettuceTimeLimit.apply(
				new LettuceConnectionFactory(new RedisStandaloneConfiguration("redis.invalid", 6380), client),
				Duration.ofMillis(1234));
	}

	@Test
	void namesServersOfEveryTopology() {
		assertThat(named(new RedisStandaloneConfiguration("redis.invalid", 6380))).isEqualTo("redis.invalid:6380");
		assertThat(named(new RedisSentinelConfiguration().master("main").sentinel("redis.invalid", 26379)))
			.contains("sentinels", "redis.invalid:26379");
		assertThat(named(new RedisClusterConfiguration().clusterNode("redis.invalid", 6380))).contains("cluster",
				"redis.invalid:6380");
		assertThat(named(new RedisSocketConfiguration("/nowhere/redis.sock"))).isEqualTo("/nowhere/redis.sock");
		assertThat(named(new RedisStaticMasterReplicaConfiguration("redis.invalid", 6380))).isNotEmpty();
	}

	private static String named(RedisConfiguration servers) {
		return RedisServers
			.describe(new LettuceConnectionFactory(servers, LettuceClientConfiguration.defaultConfiguration()));
	}

	private static void keeps(RedisConfiguration servers) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(servers,
				LettuceClientConfiguration.defaultConfiguration());
		LettuceConnectionFactory limited = (LettuceConnectionFactory) LettuceTimeLimit.apply(factory,
				Duration.ofMillis(1234));
		try {
			assertThat(limited).isNotSameAs(factory);
			assertThat(limited).extracting("configuration").isSameAs(servers);
			assertThat(limited.getClientConfiguration().getCommandTimeout()).isEqualTo(Duration.ofMillis(1234));
		}
		finally {
			limited.destroy();
		}
	}

}
