package io.idempotency.redis;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import io.idempotency.testing.RedisProcess;
import redis.embedded.RedisCluster;

import org.springframework.data.redis.connection.RedisSentinelConfiguration;

/**
 * The contract on a Redis that Sentinel tells the address of, and whose replica
 * acknowledges claims and outcomes.
 */
class RedisSentinelIntegrationTests extends RedisStoreContract {

	static final Acknowledge ACKNOWLEDGE = new Acknowledge(1, Duration.ofSeconds(5));

	private static final String MASTER = "records";

	RedisSentinelIntegrationTests() throws IOException {
		super(start(), RedisStoreContract::connect, ACKNOWLEDGE);
	}

	static Server start() throws IOException {
		RedisCluster servers = RedisCluster.newRedisCluster()
			.sentinelPorts(List.of(RedisProcess.freePort()))
			.serverPorts(List.of(RedisProcess.freePort(), RedisProcess.freePort()))
			.sentinelCount(1)
			.quorumSize(1)
			.replicationGroup(MASTER, 1)
			.build();
		servers.start();
		return new Server(configuration(servers), servers::stop);
	}

	private static RedisSentinelConfiguration configuration(RedisCluster servers) {
		RedisSentinelConfiguration configuration = new RedisSentinelConfiguration().master(MASTER);
		servers.sentinelPorts().forEach((port) -> configuration.sentinel("127.0.0.1", port));
		return configuration;
	}

}
