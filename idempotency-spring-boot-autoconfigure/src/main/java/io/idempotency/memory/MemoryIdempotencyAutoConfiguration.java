package io.idempotency.memory;

import io.idempotency.store.IdempotencyStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Configures the store in memory if there is no other store.
 */
@AutoConfiguration(afterName = "io.idempotency.redis.RedisIdempotencyAutoConfiguration")
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "idempotency.store", havingValue = "memory", matchIfMissing = true)
@EnableConfigurationProperties(MemoryStoreProperties.class)
public final class MemoryIdempotencyAutoConfiguration {

	private static final Log logger = LogFactory.getLog(MemoryIdempotencyAutoConfiguration.class);

	@Bean
	@ConditionalOnMissingBean(IdempotencyStore.class)
	MemoryIdempotencyStore memoryIdempotencyStore(MemoryStoreProperties properties,
			ObjectProvider<MemoryStoreClock> clock, Environment environment) {
		if (!environment.containsProperty("idempotency.store")) {
			sayThatOthersDoNotSee(CloudPlatform.getActive(environment));
		}
		MemoryStoreClock other = clock.getIfUnique();
		return (other != null) ? new MemoryIdempotencyStore(properties.maxEntries(), properties.maxBytes(), other)
				: new MemoryIdempotencyStore(properties.maxEntries(), properties.maxBytes());
	}

	/**
	 * Logs that other instances do not see the records, because this store was not chosen
	 * explicitly. On a cloud platform, this is a warning, because several instances are
	 * likely there.
	 */
	private static void sayThatOthersDoNotSee(@Nullable CloudPlatform platform) {
		String message = "Idempotency keys are kept in memory, for this instance only. Set idempotency.store to redis or jdbc"
				+ " if there may be several instances, or to memory if there is only one";
		if (platform != null) {
			logger.warn(message + " (this one runs on " + platform + ")");
		}
		else {
			logger.info(message);
		}
	}

}
