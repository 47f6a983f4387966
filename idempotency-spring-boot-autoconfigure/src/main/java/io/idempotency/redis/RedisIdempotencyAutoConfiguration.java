package io.idempotency.redis;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.OutcomeCodec;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;

/**
 * Auto-configuration for the Redis store, if the application has a connection to Redis.
 */
@AutoConfiguration(after = DataRedisAutoConfiguration.class)
@ConditionalOnClass(RedisTemplate.class)
@ConditionalOnBean(RedisConnectionFactory.class)
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "idempotency.store", havingValue = "redis", matchIfMissing = true)
@EnableConfigurationProperties(RedisStoreProperties.class)
@ImportRuntimeHints(RedisStoreRuntimeHints.class)
public final class RedisIdempotencyAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(IdempotencyStore.class)
	StoreConnections idempotencyRedisConnections(RedisConnectionFactory connectionFactory,
			RedisStoreProperties properties) {
		return StoreConnections.withTimeout(connectionFactory, properties.timeout());
	}

	@Bean
	@ConditionalOnBean(StoreConnections.class)
	@ConditionalOnMissingBean(IdempotencyStore.class)
	RedisIdempotencyStore redisIdempotencyStore(StoreConnections connections, RedisStoreProperties properties,
			ObjectProvider<OutcomeCodec> codec) {
		RedisIdempotencyStore store = new RedisIdempotencyStore(connections.factory(), properties.keyPrefix(),
				codec.getIfAvailable(OutcomeCodec::deflating), connections.replicated(properties.acknowledge()));
		RedisAtStart.report(store.toString(), connections.factory(), properties.acknowledge().replicas());
		return store;
	}

}
