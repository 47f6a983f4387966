package io.idempotency.redis;

import java.time.Duration;
import java.util.Optional;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.resource.ClientResources;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;

/**
 * The configuration of another client with a timeout of one's own. It reads from masters
 * only, since a replica may not know yet that a key was used.
 *
 * @param client the other client's configuration
 * @param timeout how long to wait for a connection or an answer
 */
record LettuceTimeLimit(LettuceClientConfiguration client, Duration timeout) implements LettuceClientConfiguration {

	static RedisConnectionFactory apply(RedisConnectionFactory factory, Duration timeout) {
		if (factory.getClass() != LettuceConnectionFactory.class) {
			return factory;
		}
		LettuceConnectionFactory lettuce = (LettuceConnectionFactory) factory;
		LettuceConnectionFactory limited = new StoreConnectionFactory(configuration(lettuce),
				new LettuceTimeLimit(lettuce.getClientConfiguration(), timeout));
		limited.afterPropertiesSet();
		limited.start();
		return limited;
	}

	private static RedisConfiguration configuration(LettuceConnectionFactory lettuce) {
		if (lettuce.getClusterConfiguration() != null) {
			return lettuce.getClusterConfiguration();
		}
		if (lettuce.getSentinelConfiguration() != null) {
			return lettuce.getSentinelConfiguration();
		}
		if (lettuce.getSocketConfiguration() != null) {
			return lettuce.getSocketConfiguration();
		}
		return lettuce.getStandaloneConfiguration();
	}

	@Override
	public Duration getCommandTimeout() {
		return this.timeout;
	}

	@Override
	public Optional<ClientOptions> getClientOptions() {
		return this.client.getClientOptions().map((options) -> {
			SocketOptions socket = options.getSocketOptions().mutate().connectTimeout(this.timeout).build();
			return options.mutate().socketOptions(socket).build();
		});
	}

	@Override
	public Optional<ReadFrom> getReadFrom() {
		return Optional.empty();
	}

	@Override
	public boolean isUseSsl() {
		return this.client.isUseSsl();
	}

	@Override
	@SuppressWarnings("deprecation")
	public boolean isVerifyPeer() {
		return this.client.isVerifyPeer();
	}

	@Override
	public SslVerifyMode getVerifyMode() {
		return this.client.getVerifyMode();
	}

	@Override
	public boolean isStartTls() {
		return this.client.isStartTls();
	}

	@Override
	public Optional<ClientResources> getClientResources() {
		return this.client.getClientResources();
	}

	@Override
	public Optional<String> getClientName() {
		return this.client.getClientName();
	}

	@Override
	public Optional<RedisCredentialsProviderFactory> getRedisCredentialsProviderFactory() {
		return this.client.getRedisCredentialsProviderFactory();
	}

	@Override
	public Duration getShutdownTimeout() {
		return this.client.getShutdownTimeout();
	}

	@Override
	public Duration getShutdownQuietPeriod() {
		return this.client.getShutdownQuietPeriod();
	}

}
