package io.idempotency.actuate;

import java.util.Map;

import io.idempotency.policy.EngineProperties;
import io.idempotency.policy.ProtectedOperations;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.ProtectedHandlers;
import io.idempotency.web.RecordLocator;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Adds the actuator endpoint {@code idempotency} if the application uses the actuator.
 */
@AutoConfiguration(after = ServletIdempotencyAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(RecordLocator.class)
@EnableConfigurationProperties(IdempotencyEndpointProperties.class)
@ImportRuntimeHints(EndpointRuntimeHints.class)
public final class EndpointIdempotencyAutoConfiguration {

	@Bean
	@ConditionalOnAvailableEndpoint
	IdempotencyEndpoint idempotencyEndpoint(EngineProperties engineProperties, IdempotencyProperties properties,
			ProtectedHandlers handlers, ProtectedOperations operations, RecordLocator records,
			Map<String, IdempotencyStore> stores, ObjectProvider<IdempotencyStore> defaultStore,
			IdempotencyEndpointProperties endpointProperties) {
		Stores named = new Stores(stores, defaultStore.getObject());
		return new IdempotencyEndpoint(new ApplicationReport(engineProperties, properties, handlers, operations, named),
				records, operations, named, endpointProperties.showResponses());
	}

}
