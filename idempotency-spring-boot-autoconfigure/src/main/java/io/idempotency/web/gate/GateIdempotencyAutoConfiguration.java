package io.idempotency.web.gate;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.RequestTracing;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineProperties;
import io.idempotency.web.IdempotencyFingerprinter;
import io.idempotency.web.IdempotencyKeyResolver;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.IdempotencyScopeResolver;
import io.idempotency.web.PrincipalRealmResolver;
import io.idempotency.web.PropertiesRuntimeHints;
import io.idempotency.web.RecordLocator;
import io.idempotency.web.operation.DefaultFingerprinter;
import io.idempotency.web.operation.DefaultScopeResolver;
import io.idempotency.web.operation.KeyReader;
import io.idempotency.web.operation.KeyRules;
import io.idempotency.web.operation.OperationReader;
import io.idempotency.web.operation.ParameterKeyResolver;
import io.idempotency.web.operation.ScopedRecordLocator;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration for the gate, which decides about requests independently of the web
 * framework.
 */
@AutoConfiguration(after = EngineIdempotencyAutoConfiguration.class)
@ConditionalOnWebApplication
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
@ImportRuntimeHints(PropertiesRuntimeHints.class)
public final class GateIdempotencyAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	IdempotencyKeyResolver idempotencyKeyResolver(IdempotencyProperties properties) {
		IdempotencyKeyResolver header = IdempotencyKeyResolver.header(properties.keyHeader(), properties.keySyntax());
		String parameter = properties.keyParameter();
		return (parameter != null) ? new ParameterKeyResolver(parameter, header) : header;
	}

	@Bean
	@ConditionalOnMissingBean
	IdempotencyScopeResolver idempotencyScopeResolver(IdempotencyProperties properties,
			ObjectProvider<PrincipalRealmResolver> realms) {
		return new DefaultScopeResolver(properties, realms.orderedStream().toList());
	}

	@Bean
	@ConditionalOnMissingBean
	IdempotencyFingerprinter idempotencyFingerprinter(IdempotencyProperties properties) {
		return new DefaultFingerprinter(properties);
	}

	@Bean
	KeyReader idempotencyKeyReader(IdempotencyKeyResolver resolver, IdempotencyProperties properties,
			EngineProperties engineProperties) {
		return new KeyReader(resolver, KeyRules.of(properties, engineProperties.maxKeyLength()));
	}

	@Bean
	RecordLocator idempotencyRecordLocator(KeyReader keys, IdempotencyScopeResolver scopes) {
		return new ScopedRecordLocator(keys, scopes);
	}

	@Bean
	Problems idempotencyProblems(IdempotencyProperties properties, EngineProperties engineProperties) {
		return new Problems(properties, engineProperties.onAbandoned());
	}

	@Bean
	StorageRules idempotencyStorageRules(IdempotencyProperties properties, ObjectProvider<RequestTracing> tracing) {
		return new StorageRules(properties, tracing.getIfUnique(() -> RequestTracing.NONE));
	}

	@Bean
	RequestGate idempotencyRequestGate(IdempotencyProperties properties, EngineProperties engineProperties,
			KeyReader keys, IdempotencyScopeResolver scopes, IdempotencyFingerprinter fingerprints,
			IdempotencyEngine engine, IdempotencyListeners listeners, ObjectProvider<RequestTracing> tracing,
			Problems problems) {
		return new RequestGate(GateRules.of(properties, engineProperties.onStoreFailure()),
				new OperationReader(keys, scopes, fingerprints), engine, listeners,
				tracing.getIfUnique(() -> RequestTracing.NONE), problems);
	}

}
