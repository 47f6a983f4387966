package io.idempotency.redis;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapperImpl;
import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.ClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.SentinelConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.WithDomainSocket;
import org.springframework.data.redis.connection.RedisConfiguration.WithHostAndPort;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Finds out which servers a connection factory connects to.
 */
final class RedisServers {

	private RedisServers() {
	}

	/**
	 * Returns the configuration that a factory was created with, or {@code null} if it
	 * has none. The public getters of the factory for Lettuce cannot distinguish a static
	 * list of masters and replicas from the default, which is localhost. The factory for
	 * Jedis keeps a single server apart.
	 */
	static @Nullable RedisConfiguration of(RedisConnectionFactory factory) {
		try {
			Object servers = new DirectFieldAccessor(factory).getPropertyValue("configuration");
			return (RedisConfiguration) ((servers != null) ? servers
					: new BeanWrapperImpl(factory).getPropertyValue("standaloneConfiguration"));
		}
		catch (BeansException | ClassCastException ex) {
			return null;
		}
	}

	/**
	 * Returns the servers of a factory, for log messages.
	 */
	static String describe(RedisConnectionFactory factory) {
		RedisConfiguration servers = of(factory);
		if (servers instanceof ClusterConfiguration cluster) {
			return "cluster " + cluster.getClusterNodes();
		}
		if (servers instanceof SentinelConfiguration sentinel) {
			return "sentinels " + sentinel.getSentinels();
		}
		if (servers instanceof WithDomainSocket socket) {
			return socket.getSocket();
		}
		return (servers instanceof WithHostAndPort server) ? server.getHostName() + ":" + server.getPort()
				: "servers that the connection factory does not name";
	}

}
