package io.idempotency.redis;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Registers the scripts, and the types that {@link LettuceTimeLimit} and
 * {@link StoreConnections} access by reflection, for native images.
 */
final class RedisStoreRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/idempotency/redis/*.lua");
		hints.reflection().registerTypeIfPresent(classLoader, StoreConnections.LETTUCE_CLIENT, (type) -> {
		});
		hints.reflection()
			.registerTypeIfPresent(classLoader,
					"org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory",
					(type) -> type.withField("configuration"));
	}

}
