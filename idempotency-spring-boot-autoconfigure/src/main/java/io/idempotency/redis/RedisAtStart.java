package io.idempotency.redis;

import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Logs at startup which Redis the store uses, and warns about settings that can lose
 * records. If Redis does not answer, the application still starts.
 */
final class RedisAtStart {

	private static final Log logger = LogFactory.getLog(RedisAtStart.class);

	private static final String NO_EVICTION = "noeviction";

	private static final String NOT_TOLD = "not told";

	private final String name;

	private final Properties information;

	private final @Nullable Properties settings;

	private RedisAtStart(String name, Properties information, @Nullable Properties settings) {
		this.name = name;
		this.information = information;
		this.settings = settings;
	}

	/**
	 * Connects and reports.
	 * @param name the name of the store
	 * @param connectionFactory the connections of the store
	 * @param replicas how many replicas must acknowledge claims and responses
	 */
	static void report(String name, RedisConnectionFactory connectionFactory, int replicas) {
		Properties information;
		Properties settings;
		try (RedisConnection connection = connectionFactory.getConnection()) {
			information = connection.serverCommands().info();
			settings = settings(connection);
		}
		catch (RuntimeException ex) {
			if (RedisLuaScript.answers(ex, "NOPERM")) {
				logger.info("Idempotency records are kept in " + name + ", whose INFO this user may not read");
			}
			else {
				logger.warn("Idempotency records are to be kept in " + name
						+ ", which does not answer: idempotency.on-store-failure decides about requests with a key until "
						+ "it does: " + ex);
			}
			return;
		}
		if (information != null) {
			new RedisAtStart(name, information, settings).report(replicas);
		}
	}

	/**
	 * Returns settings that INFO does not contain, or {@code null} if this user may not
	 * run CONFIG GET, or if it does not exist, as in managed services.
	 */
	private static @Nullable Properties settings(RedisConnection connection) {
		try {
			Properties settings = new Properties();
			for (String setting : new String[] { "save", "min-replicas-to-write" }) {
				Properties answer = connection.serverCommands().getConfig(setting);
				if (answer != null) {
					settings.putAll(answer);
				}
			}
			return settings;
		}
		catch (RuntimeException ex) {
			logger.debug("CONFIG GET failed", ex);
			return null;
		}
	}

	private void report(int replicas) {
		String policy = values(this.information, "maxmemory_policy");
		String appendOnly = values(this.information, "aof_enabled").replace("0", "off").replace("1", "on");
		String snapshots = (this.settings != null) ? values(this.settings, "save") : NOT_TOLD;
		logger.info("Idempotency records are kept in " + this.name + ", version "
				+ values(this.information, "redis_version") + ", maxmemory-policy " + policy + ", append-only file "
				+ appendOnly + ", snapshots (save) " + (snapshots.isEmpty() ? "off" : snapshots)
				+ ", min-replicas-to-write "
				+ ((this.settings != null) ? values(this.settings, "min-replicas-to-write") : NOT_TOLD));
		if (!policy.equals(NO_EVICTION) && !policy.isEmpty()) {
			logger.warn("The maxmemory-policy of " + this.name + " is " + policy
					+ ": it forgets idempotency keys when memory is short, and retries run again; set it to "
					+ NO_EVICTION);
		}
		if (appendOnly.equals("off") && snapshots.isEmpty()) {
			logger.warn(this.name + " keeps nothing on disk: it forgets all idempotency keys when it is "
					+ "restarted, and retries run again; set appendonly yes, or save");
		}
		warnOfMissingReplicas(replicas);
	}

	private void warnOfMissingReplicas(int replicas) {
		Map<String, String> roles = byServer(this.information, "role");
		Map<String, String> connected = byServer(this.information, "connected_slaves");
		String missing = connected.entrySet()
			.stream()
			.filter((server) -> "master".equals(roles.get(server.getKey())))
			.filter((server) -> Integer.parseInt(server.getValue()) < replicas)
			.map((server) -> server.getValue() + (server.getKey().isEmpty() ? "" : " at " + server.getKey()))
			.collect(Collectors.joining(" and "));
		if (!missing.isEmpty()) {
			logger
				.warn("idempotency.redis.acknowledge.replicas is " + replicas + ", but fewer replicas are connected to "
						+ this.name + " (" + missing + "): requests with new keys are refused until they are");
		}
	}

	private static String values(Properties properties, String name) {
		return String.join(" and ", new TreeSet<>(byServer(properties, name).values()));
	}

	/**
	 * Returns the value of a property by server. In a Cluster, the names of properties
	 * are prefixed with the name of the node.
	 */
	private static Map<String, String> byServer(Properties properties, String name) {
		Map<String, String> values = new TreeMap<>();
		for (String property : properties.stringPropertyNames()) {
			if (property.equals(name)) {
				values.put("", properties.getProperty(property));
			}
			else if (property.endsWith("." + name)) {
				values.put(property.substring(0, property.length() - name.length() - 1),
						properties.getProperty(property));
			}
		}
		return values;
	}

}
