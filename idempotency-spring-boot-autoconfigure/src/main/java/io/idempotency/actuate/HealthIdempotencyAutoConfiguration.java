package io.idempotency.actuate;

import java.util.Map;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineProperties;
import io.idempotency.store.IdempotencyStore;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Adds the stores to the health endpoint of the application.
 */
@AutoConfiguration(after = EngineIdempotencyAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(IdempotencyEngine.class)
public final class HealthIdempotencyAutoConfiguration {

	@Bean
	@ConditionalOnEnabledHealthIndicator("idempotency")
	@ConditionalOnMissingBean(name = { "idempotencyHealthIndicator", "idempotencyHealthContributor" })
	HealthContributor idempotencyHealthContributor(Map<String, IdempotencyStore> stores, EngineProperties properties) {
		CompositeHealthContributor contributors = CompositeHealthContributor.fromMap(stores,
				(store) -> new StoreHealthIndicator(store, properties.onStoreFailure()));
		return (stores.size() > 1) ? contributors : contributors.stream().iterator().next().contributor();
	}

}
