package io.idempotency.redis;

import java.time.Duration;
import java.util.Optional;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.resource.ClientResources;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;
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

	/**
	 * Returns a factory with the timeout for the servers of another one, or that one
	 * itself if it is not Lettuce's own or does not tell which servers those are.
	 */
	static RedisConnectionFactory apply(RedisConnectionFactory factory, Duration timeout) {
		if (factory.getClass() != LettuceConnectionFactory.class) {
			return factory;
		}
		LettuceConnectionFactory lettuce = (LettuceConnectionFactory) factory;
		RedisConfiguration servers = servers(lettuce);
		if (servers == null) {
			return factory;
		}
		LettuceConnectionFactory limited = new StoreConnectionFactory(servers,
				new LettuceTimeLimit(lettuce.getClientConfiguration(), timeout));
		limited.afterPropertiesSet();
		limited.start();
		return limited;
	}

	/**
	 * Reads the configuration that a factory was made with. Its public getters do not
	 * tell it from the default, which is localhost, where it is a static list of masters
	 * and replicas.
	 */
	static @Nullable RedisConfiguration servers(LettuceConnectionFactory factory) {
		try {
			return (RedisConfiguration) new DirectFieldAccessor(factory).getPropertyValue("configuration");
		}
		catch (BeansException | ClassCastException ex) {
			return null;
		}
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
