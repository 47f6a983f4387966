package io.idempotency.web.gate;

import java.util.Locale;

import io.idempotency.engine.EngineSettings;
import io.idempotency.engine.ExpiredRecordPurge;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.StoreObserver;
import io.idempotency.policy.ExpiryConverter;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.policy.ProtectionPolicies;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.web.IdempotencyFingerprinter;
import io.idempotency.web.IdempotencyKeyResolver;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.IdempotencyProperties.OnAbandoned;
import io.idempotency.web.IdempotencyProperties.StoreType;
import io.idempotency.web.IdempotencyScopeResolver;
import io.idempotency.web.PrincipalRealmResolver;
import io.idempotency.web.PropertiesRuntimeHints;
import io.idempotency.web.RecordLocator;
import io.idempotency.web.RequestTracing;
import io.idempotency.web.operation.DefaultFingerprinter;
import io.idempotency.web.operation.DefaultScopeResolver;
import io.idempotency.web.operation.KeyReader;
import io.idempotency.web.operation.KeyRules;
import io.idempotency.web.operation.OperationReader;
import io.idempotency.web.operation.ParameterKeyResolver;
import io.idempotency.web.operation.ScopedRecordLocator;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Decides about the requests of an application, whatever its front end.
 */
@AutoConfiguration(afterName = { "io.idempotency.redis.RedisIdempotencyAutoConfiguration",
		"io.idempotency.jdbc.JdbcIdempotencyAutoConfiguration",
		"io.idempotency.memory.MemoryIdempotencyAutoConfiguration" })
@ConditionalOnWebApplication
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
@ImportRuntimeHints(PropertiesRuntimeHints.class)
public final class GateIdempotencyAutoConfiguration {

	/**
	 * Which part of the heap outcomes may take that a store does not.
	 */
	private static final int RETAINED_SHARE = 20;

	/**
	 * Which part of the heap waiting requests may take.
	 */
	private static final int WAITING_SHARE = 4;

	@Bean
	static ExpiryConverter idempotencyExpiryConverter() {
		return new ExpiryConverter();
	}

	@Bean
	IdempotencyListeners idempotencyListeners(ObjectProvider<IdempotencyListener> listeners) {
		return new IdempotencyListeners(listeners.orderedStream().toList());
	}

	@Bean
	IdempotencyEngine idempotencyEngine(IdempotencyProperties properties, IdempotencyListeners listeners,
			ObjectProvider<StoreObserver> observer) {
		Integer waitMost = properties.waitMaxRequests();
		EngineSettings settings = new EngineSettings(properties.leaseDuration(), properties.maxLease(),
				properties.onAbandoned() == OnAbandoned.RUN, properties.outcomeRetention(),
				EngineSettings.shareOfHeap(RETAINED_SHARE), (waitMost != null) ? waitMost : Integer.MAX_VALUE,
				EngineSettings.shareOfHeap(WAITING_SHARE));
		return new IdempotencyEngine(settings, listeners, observer.getIfUnique(() -> StoreObserver.NONE));
	}

	@Bean
	EngineLifecycle idempotencyEngineLifecycle(IdempotencyEngine engine) {
		return new EngineLifecycle(engine);
	}

	@Bean
	ExpiredRecordPurge idempotencyExpiredRecordPurge(IdempotencyProperties properties, IdempotencyListeners listeners,
			ConfigurableListableBeanFactory beanFactory) {
		return new ExpiredRecordPurge(beanFactory.getBeansOfType(IdempotencyStore.class).values(),
				properties.purgeInterval(), listeners);
	}

	@Bean
	ProtectionPolicies idempotencyProtectionPolicies(IdempotencyProperties properties,
			ObjectProvider<IdempotencyStore> stores, ConfigurableListableBeanFactory beanFactory) {
		return new ProtectionPolicies(properties.expiry(), () -> defaultStore(properties, stores), beanFactory);
	}

	private static IdempotencyStore defaultStore(IdempotencyProperties properties,
			ObjectProvider<IdempotencyStore> stores) {
		IdempotencyStore store = stores.getIfAvailable();
		if (store == null) {
			StoreType type = properties.store();
			throw new InvalidIdempotencyConfigurationException(
					"idempotency.store=%s, but the application has no such store."
						.formatted((type != null) ? type.name().toLowerCase(Locale.ROOT) : ""),
					(type != null) ? whatIsMissing(type) : "Declare a bean of type IdempotencyStore.");
		}
		return store;
	}

	private static String whatIsMissing(StoreType type) {
		return switch (type) {
			case REDIS ->
				"Add spring-boot-starter-data-redis, which brings a connection to Redis, or remove the property.";
			case JDBC -> "Add spring-boot-starter-jdbc and a database's driver, which bring a DataSource, or remove the"
					+ " property.";
			case MEMORY -> "Remove the property, or declare a bean of type IdempotencyStore.";
		};
	}

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
	KeyReader idempotencyKeyReader(IdempotencyKeyResolver resolver, IdempotencyProperties properties) {
		return new KeyReader(resolver, KeyRules.of(properties));
	}

	@Bean
	RecordLocator idempotencyRecordLocator(KeyReader keys, IdempotencyScopeResolver scopes) {
		return new ScopedRecordLocator(keys, scopes);
	}

	@Bean
	Problems idempotencyProblems(IdempotencyProperties properties) {
		return new Problems(properties);
	}

	@Bean
	StorageRules idempotencyStorageRules(IdempotencyProperties properties, ObjectProvider<RequestTracing> tracing) {
		return new StorageRules(properties, tracing.getIfUnique(() -> RequestTracing.NONE));
	}

	@Bean
	RequestGate idempotencyRequestGate(IdempotencyProperties properties, KeyReader keys,
			IdempotencyScopeResolver scopes, IdempotencyFingerprinter fingerprints, IdempotencyEngine engine,
			IdempotencyListeners listeners, ObjectProvider<RequestTracing> tracing, Problems problems) {
		return new RequestGate(GateRules.of(properties), new OperationReader(keys, scopes, fingerprints), engine,
				listeners, tracing.getIfUnique(() -> RequestTracing.NONE), problems);
	}

}
