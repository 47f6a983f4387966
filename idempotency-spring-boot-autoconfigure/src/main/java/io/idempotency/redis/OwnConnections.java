package io.idempotency.redis;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Connections that only the store uses.
 */
interface OwnConnections extends RedisConnectionFactory {

	/**
	 * Looks for the current master if a call failed because there may be another one. If
	 * many calls fail at the same time, this is done once.
	 */
	void failed(RuntimeException failure);

}
