package io.idempotency.redis;

import java.util.Properties;
import java.util.TreeSet;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Says at start which Redis the store has found, and warns of settings by which it would
 * lose records. A Redis that is away does not keep the application from starting.
 */
final class RedisAtStart {

	private static final Log logger = LogFactory.getLog(RedisAtStart.class);

	private static final String NO_EVICTION = "noeviction";

	private RedisAtStart() {
	}

	/**
	 * Connects and reports.
	 * @param name names the store
	 * @param connectionFactory its connections
	 */
	static void report(String name, RedisConnectionFactory connectionFactory) {
		Properties information;
		try (RedisConnection connection = connectionFactory.getConnection()) {
			information = connection.serverCommands().info();
		}
		catch (RuntimeException ex) {
			if (RedisLuaScript.answers(ex, "NOPERM")) {
				logger.info("Idempotency records are kept in " + name + ", whose INFO this user may not read");
			}
			else {
				logger.warn("Idempotency records are to be kept in " + name
						+ ", which does not answer: requests with a key are treated as on-store-failure says until "
						+ "it does: " + ex);
			}
			return;
		}
		if (information != null) {
			report(name, information);
		}
	}

	private static void report(String name, Properties information) {
		String policy = values(information, "maxmemory_policy");
		logger.info("Idempotency records are kept in " + name + ", version " + values(information, "redis_version")
				+ ", maxmemory-policy " + policy + ", append-only file "
				+ values(information, "aof_enabled").replace("0", "off").replace("1", "on"));
		if (!policy.equals(NO_EVICTION) && !policy.isEmpty()) {
			logger.warn("The maxmemory-policy of " + name + " is " + policy
					+ ", by which it forgets idempotency keys when memory is short, so that retries run again: set it to "
					+ NO_EVICTION);
		}
	}

	/**
	 * Returns what the servers say: in a Cluster, names begin with that of a node.
	 */
	private static String values(Properties information, String name) {
		TreeSet<String> values = new TreeSet<>();
		for (String property : information.stringPropertyNames()) {
			if (property.equals(name) || property.endsWith("." + name)) {
				values.add(information.getProperty(property));
			}
		}
		return String.join(" and ", values);
	}

}
