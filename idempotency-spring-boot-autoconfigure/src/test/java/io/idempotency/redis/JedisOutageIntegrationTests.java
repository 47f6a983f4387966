package io.idempotency.redis;

/**
 * The same outages, for an application whose client is Jedis.
 */
class JedisOutageIntegrationTests extends RedisOutageIntegrationTests {

	@Override
	String client() {
		return "jedis";
	}

}
