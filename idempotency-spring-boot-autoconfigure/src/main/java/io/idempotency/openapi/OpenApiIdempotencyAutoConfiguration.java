package io.idempotency.openapi;

import io.idempotency.IdempotencyContext;
import io.idempotency.policy.EngineProperties;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.ProtectedHandlers;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.providers.RouterFunctionProvider;
import org.springdoc.core.utils.SpringDocUtils;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the description of protected operations in OpenAPI documents
 * that springdoc generates.
 */
@AutoConfiguration(after = ServletIdempotencyAutoConfiguration.class)
@ConditionalOnClass(GlobalOpenApiCustomizer.class)
@ConditionalOnBean(ProtectedHandlers.class)
@ConditionalOnBooleanProperty(name = "idempotency.openapi.enabled", matchIfMissing = true)
@EnableConfigurationProperties(OpenApiProperties.class)
public final class OpenApiIdempotencyAutoConfiguration {

	static {
		// Handlers are given it: no client sends it.
		SpringDocUtils.getConfig().addRequestWrapperToIgnore(IdempotencyContext.class);
	}

	@Bean
	IdempotencyOpenApiCustomizer idempotencyOpenApiCustomizer(ProtectedHandlers handlers,
			IdempotencyProperties properties, EngineProperties engineProperties,
			ObjectProvider<RouterFunctionProvider> routerFunctions) {
		return new IdempotencyOpenApiCustomizer(handlers, properties, engineProperties.maxKeyLength(), routerFunctions);
	}

}
