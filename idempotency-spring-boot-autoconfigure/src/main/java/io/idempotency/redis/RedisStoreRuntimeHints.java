package io.idempotency.redis;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Registers the scripts, and the types that {@link RedisServers} and
 * {@link StoreConnections} access by reflection, for native images.
 */
final class RedisStoreRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/idempotency/redis/*.lua");
		for (String client : new String[] { StoreConnections.LETTUCE_CLIENT, StoreConnections.JEDIS_CLIENT }) {
			hints.reflection().registerTypeIfPresent(classLoader, client, (type) -> {
			});
		}
		hints.reflection()
			.registerTypeIfPresent(classLoader,
					"org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory",
					(type) -> type.withField("configuration"))
			.registerTypeIfPresent(classLoader,
					"org.springframework.data.redis.connection.jedis.JedisConnectionFactory",
					(type) -> type.withField("configuration")
						.withMethod("getStandaloneConfiguration", List.of(), ExecutableMode.INVOKE));
	}

}
