package io.idempotency.redis;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;

/**
 * The client configuration of the application with the timeout of the store. It reads
 * from masters only, because a replica may not have the latest records. A lost connection
 * is reopened soon after Redis is available again, and commands fail until then. By
 * default, the reconnect delay of Lettuce grows to half a minute, and Lettuce keeps
 * commands in memory during this time.
 *
 * @param client the client configuration of the application
 * @param timeout how long to wait for a connection or an answer
 * @param resources the resources of the application's client, or new resources if it
 * declares none. They must be shut down together with the connections, which stops only
 * new resources
 */
record LettuceTimeLimit(LettuceClientConfiguration client, Duration timeout,
		ClientResources resources) implements LettuceClientConfiguration {

	/**
	 * Has jitter, so that instances that lost their connections at the same time do not
	 * reconnect at the same time.
	 */
	private static final Delay RECONNECT = Delay.fullJitter(Duration.ofMillis(20), Duration.ofMillis(500), 20,
			TimeUnit.MILLISECONDS);

	private static ClientResources resources(LettuceClientConfiguration client) {
		ClientResources shared = client.getClientResources().orElse(null);
		if (shared == null) {
			return ClientResources.builder().reconnectDelay(RECONNECT).build();
		}
		// Components that are passed to the builder are not shut down with it, unlike
		// those that mutate() copies.
		return shared.mutate()
			.eventLoopGroupProvider(shared.eventLoopGroupProvider())
			.eventExecutorGroup(shared.eventExecutorGroup())
			.timer(shared.timer())
			.commandLatencyRecorder(shared.commandLatencyRecorder())
			.reconnectDelay(RECONNECT)
			.build();
	}

	/**
	 * Returns a connection factory for the same servers, but with the timeout. If the
	 * given factory is not a plain {@link LettuceConnectionFactory}, or its servers
	 * cannot be determined, it is returned unchanged.
	 */
	static RedisConnectionFactory apply(RedisConnectionFactory factory, Duration timeout) {
		if (factory.getClass() != LettuceConnectionFactory.class) {
			return factory;
		}
		LettuceConnectionFactory lettuce = (LettuceConnectionFactory) factory;
		RedisConfiguration servers = RedisServers.of(lettuce);
		if (servers == null) {
			return factory;
		}
		LettuceConnectionFactory limited = new LettuceStoreConnections(servers, new LettuceTimeLimit(
				lettuce.getClientConfiguration(), timeout, resources(lettuce.getClientConfiguration())));
		limited.afterPropertiesSet();
		limited.start();
		return limited;
	}

	@Override
	public Duration getCommandTimeout() {
		return this.timeout;
	}

	@Override
	public Optional<ClientOptions> getClientOptions() {
		ClientOptions options = this.client.getClientOptions()
			.orElseGet(() -> ClientOptions.builder().timeoutOptions(TimeoutOptions.enabled()).build());
		SocketOptions socket = options.getSocketOptions().mutate().connectTimeout(this.timeout).build();
		return Optional.of(options.mutate()
			.socketOptions(socket)
			.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
			.build());
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
		return Optional.of(this.resources);
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
