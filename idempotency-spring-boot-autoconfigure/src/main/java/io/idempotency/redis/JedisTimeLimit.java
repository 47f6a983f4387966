package io.idempotency.redis;

import java.time.Duration;
import java.util.Optional;

import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocketFactory;

import org.apache.commons.pool2.impl.GenericObjectPoolConfig;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientBuilderCustomizer;
import org.springframework.data.redis.connection.jedis.JedisClientConfigBuilderCustomizer;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

/**
 * The client configuration of the application with the timeout of the store, and a pool
 * that no other code can use up. The pool is as large as needed: how many requests use
 * the store at the same time is limited elsewhere.
 *
 * @param client the client configuration of the application
 * @param timeout how long to wait for a connection or an answer
 */
record JedisTimeLimit(JedisClientConfiguration client, Duration timeout) implements JedisClientConfiguration {

	private static final int MAX_IDLE = 64;

	private static final Duration IDLE = Duration.ofMinutes(1);

	/**
	 * Returns a connection factory for the same servers, but with the timeout. If the
	 * given factory is not a plain {@link JedisConnectionFactory}, it is returned
	 * unchanged.
	 */
	static RedisConnectionFactory apply(RedisConnectionFactory factory, Duration timeout) {
		if (factory.getClass() != JedisConnectionFactory.class) {
			return factory;
		}
		JedisTimeLimit client = new JedisTimeLimit(((JedisConnectionFactory) factory).getClientConfiguration(),
				timeout);
		RedisConfiguration servers = RedisServers.of(factory);
		JedisConnectionFactory limited;
		if (servers instanceof RedisClusterConfiguration cluster) {
			limited = new JedisConnectionFactory(cluster, client);
		}
		else if (servers instanceof RedisSentinelConfiguration sentinels) {
			limited = new JedisConnectionFactory(sentinels, client);
		}
		else if (servers instanceof RedisStandaloneConfiguration server) {
			limited = new JedisStoreConnections(server, client);
		}
		else {
			return factory;
		}
		limited.afterPropertiesSet();
		limited.start();
		return limited;
	}

	/**
	 * Returns whether a connection factory connects to a Cluster with Jedis.
	 */
	static boolean isForCluster(RedisConnectionFactory factory) {
		return factory instanceof JedisConnectionFactory jedis && jedis.isRedisClusterAware();
	}

	@Override
	public Duration getConnectTimeout() {
		return this.timeout;
	}

	@Override
	public Duration getReadTimeout() {
		return this.timeout;
	}

	@Override
	public boolean isUsePooling() {
		return true;
	}

	@Override
	public Optional<GenericObjectPoolConfig<?>> getPoolConfig() {
		GenericObjectPoolConfig<?> pool = new GenericObjectPoolConfig<>();
		pool.setMaxTotal(-1);
		pool.setMaxIdle(MAX_IDLE);
		pool.setMinEvictableIdleDuration(IDLE);
		pool.setTimeBetweenEvictionRuns(IDLE);
		pool.setJmxEnabled(false);
		return Optional.of(pool);
	}

	/**
	 * The name of {@link #getClientConfigCustomizer()} in Spring Data 4.0.
	 */
	@Override
	@SuppressWarnings({ "deprecation", "removal" })
	public Optional<JedisClientConfigBuilderCustomizer> getCustomizer() {
		return this.client.getCustomizer();
	}

	@Override
	public Optional<JedisClientConfigBuilderCustomizer> getClientConfigCustomizer() {
		return this.client.getClientConfigCustomizer();
	}

	@Override
	public Optional<JedisClientBuilderCustomizer> getClientCustomizer() {
		return this.client.getClientCustomizer();
	}

	@Override
	public boolean isUseSsl() {
		return this.client.isUseSsl();
	}

	@Override
	public Optional<SSLSocketFactory> getSslSocketFactory() {
		return this.client.getSslSocketFactory();
	}

	@Override
	public Optional<SSLParameters> getSslParameters() {
		return this.client.getSslParameters();
	}

	@Override
	public Optional<HostnameVerifier> getHostnameVerifier() {
		return this.client.getHostnameVerifier();
	}

	@Override
	public Optional<String> getClientName() {
		return this.client.getClientName();
	}

}
