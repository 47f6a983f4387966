package io.idempotency.redis;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Connections that only the store uses.
 */
interface OwnConnections extends RedisConnectionFactory {

	/**
	 * Replaces connections, or looks for the current master, if the failure of a call
	 * suggests it. If many calls fail at the same time, this is done once.
	 */
	void failed(RuntimeException failure);

}
