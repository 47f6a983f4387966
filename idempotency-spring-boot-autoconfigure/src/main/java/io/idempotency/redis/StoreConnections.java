package io.idempotency.redis;

import java.time.Duration;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.util.ClassUtils;

/**
 * The connections of the store. With Lettuce and Jedis, the store has its own
 * connections, which are configured like the application's, but have the timeout of the
 * store. The default timeout of Lettuce is a minute, and with Jedis a request waits
 * without limit if the pool is in use: both are too long for a request if Redis does not
 * answer.
 *
 * @param factory creates the connections
 * @param own whether the factory is closed with the store
 */
record StoreConnections(RedisConnectionFactory factory, boolean own) implements DisposableBean {

	static final String LETTUCE_CLIENT = "io.lettuce.core.RedisClient";

	static final String JEDIS_CLIENT = "redis.clients.jedis.Jedis";

	static final boolean LETTUCE = isPresent(LETTUCE_CLIENT);

	private static final boolean JEDIS = isPresent(JEDIS_CLIENT);

	private static boolean isPresent(String client) {
		return ClassUtils.isPresent(client, StoreConnections.class.getClassLoader());
	}

	static StoreConnections withTimeout(RedisConnectionFactory factory, Duration timeout) {
		RedisConnectionFactory limited = LETTUCE ? LettuceTimeLimit.apply(factory, timeout) : factory;
		if (limited == factory && JEDIS) {
			limited = JedisTimeLimit.apply(factory, timeout);
		}
		return new StoreConnections(limited, limited != factory);
	}

	/**
	 * Returns the object that runs scripts and waits for replicas, or {@code null} if
	 * requests do not wait.
	 * @throws IllegalStateException if the connections do not support this
	 */
	@Nullable ReplicatedScripts replicated(Acknowledge acknowledge) {
		if (acknowledge.replicas() == 0) {
			return null;
		}
		if (LETTUCE && this.factory instanceof LettuceStoreConnections lettuce) {
			return new LettuceReplicatedScripts(lettuce, acknowledge);
		}
		if (this.own && JEDIS && !JedisTimeLimit.isForCluster(this.factory)) {
			return new PooledReplicatedScripts(this.factory,
					new ReplicaWatch("Redis at " + RedisServers.describe(this.factory), acknowledge));
		}
		throw new IllegalStateException("idempotency.redis.acknowledge.replicas needs a LettuceConnectionFactory of "
				+ "Spring Data, or a JedisConnectionFactory that does not connect to a Cluster; the connection factory "
				+ "is a " + this.factory.getClass().getName() + ", and connects to "
				+ RedisServers.describe(this.factory));
	}

	@Override
	public void destroy() throws Exception {
		if (this.own) {
			((DisposableBean) this.factory).destroy();
		}
	}

}
