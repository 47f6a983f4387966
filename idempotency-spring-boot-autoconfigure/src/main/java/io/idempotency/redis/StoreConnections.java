package io.idempotency.redis;

import java.time.Duration;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.ClassUtils;

/**
 * The connections of the store. With Lettuce they are its own, made like the
 * application's but with the store's timeout: a request must not wait a minute, which is
 * Lettuce's default, to be told that Redis is away.
 *
 * @param factory makes the connections
 * @param own whether the factory is closed with the store
 */
record StoreConnections(RedisConnectionFactory factory, boolean own) implements DisposableBean {

	static final String LETTUCE_CLIENT = "io.lettuce.core.RedisClient";

	private static final boolean LETTUCE = ClassUtils.isPresent(LETTUCE_CLIENT,
			StoreConnections.class.getClassLoader());

	static StoreConnections withTimeout(RedisConnectionFactory factory, Duration timeout) {
		RedisConnectionFactory limited = LETTUCE ? LettuceTimeLimit.apply(factory, timeout) : factory;
		return new StoreConnections(limited, limited != factory);
	}

	/**
	 * Returns what waits for replicas, or {@code null} if nobody is to.
	 * @throws IllegalStateException if connections are such that nobody can
	 */
	@Nullable ReplicatedScripts replicated(Acknowledge acknowledge) {
		if (acknowledge.replicas() == 0) {
			return null;
		}
		if (!this.own) {
			throw new IllegalStateException("idempotency.redis.acknowledge.replicas needs Lettuce and the "
					+ "LettuceConnectionFactory of Spring Data, but the connection factory is a "
					+ this.factory.getClass().getName());
		}
		return new ReplicatedScripts((StoreConnectionFactory) this.factory, acknowledge.replicas(),
				acknowledge.timeout());
	}

	@Override
	public void destroy() {
		if (this.own) {
			((LettuceConnectionFactory) this.factory).destroy();
		}
	}

}
