package io.idempotency.redis;

import java.time.Duration;

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
		return LettucePipeline
			.servers(new LettuceConnectionFactory(servers, LettuceClientConfiguration.defaultConfiguration()));
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
