package io.idempotency.memory;

import io.idempotency.store.IdempotencyStore;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Keeps records in memory where nothing else does.
 */
@AutoConfiguration(afterName = "io.idempotency.redis.RedisIdempotencyAutoConfiguration")
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "idempotency.store", havingValue = "memory", matchIfMissing = true)
@EnableConfigurationProperties(MemoryStoreProperties.class)
public final class MemoryIdempotencyAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(IdempotencyStore.class)
	MemoryIdempotencyStore memoryIdempotencyStore(MemoryStoreProperties properties,
			ObjectProvider<MemoryStoreClock> clock) {
		MemoryStoreClock other = clock.getIfUnique();
		return (other != null) ? new MemoryIdempotencyStore(properties.maxEntries(), properties.maxBytes(), other)
				: new MemoryIdempotencyStore(properties.maxEntries(), properties.maxBytes());
	}

}
