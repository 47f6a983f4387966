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
 * only, since a replica may not know yet that a key was used. A lost connection is made
 * again soon after Redis is back, and commands fail until then: Lettuce would try each
 * half a minute in the end, and hold in memory what it was asked meanwhile.
 *
 * @param client the other client's configuration
 * @param timeout how long to wait for a connection or an answer
 * @param resources the other client's threads, or threads of its own if that names none;
 * to be shut down with the connections, which ends the latter only
 */
record LettuceTimeLimit(LettuceClientConfiguration client, Duration timeout,
		ClientResources resources) implements LettuceClientConfiguration {

	/**
	 * With jitter, so that instances which lost Redis together do not return together.
	 */
	private static final Delay RECONNECT = Delay.fullJitter(Duration.ofMillis(20), Duration.ofMillis(500), 20,
			TimeUnit.MILLISECONDS);

	private static ClientResources resources(LettuceClientConfiguration client) {
		ClientResources shared = client.getClientResources().orElse(null);
		if (shared == null) {
			return ClientResources.builder().reconnectDelay(RECONNECT).build();
		}
		// What a builder is given belongs to somebody else, and what it copies does not.
		return shared.mutate()
			.eventLoopGroupProvider(shared.eventLoopGroupProvider())
			.eventExecutorGroup(shared.eventExecutorGroup())
			.timer(shared.timer())
			.commandLatencyRecorder(shared.commandLatencyRecorder())
			.reconnectDelay(RECONNECT)
			.build();
	}

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
		LettuceConnectionFactory limited = new StoreConnectionFactory(servers, new LettuceTimeLimit(
				lettuce.getClientConfiguration(), timeout, resources(lettuce.getClientConfiguration())));
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
