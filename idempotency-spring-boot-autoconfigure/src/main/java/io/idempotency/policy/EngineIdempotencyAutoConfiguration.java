package io.idempotency.policy;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

import io.idempotency.engine.EngineSettings;
import io.idempotency.engine.ExpiredRecordPurge;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.StoreObserver;
import io.idempotency.policy.EngineProperties.OnAbandoned;
import io.idempotency.policy.EngineProperties.StoreType;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.TransactionalIdempotencyStore;

import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for the engine that all front ends share, in every kind of
 * application.
 */
@AutoConfiguration(afterName = { "io.idempotency.redis.RedisIdempotencyAutoConfiguration",
		"io.idempotency.jdbc.JdbcIdempotencyAutoConfiguration",
		"io.idempotency.memory.MemoryIdempotencyAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@EnableConfigurationProperties(EngineProperties.class)
public final class EngineIdempotencyAutoConfiguration {

	/**
	 * The heap size divided by this number is the limit for outcomes that the store has
	 * not accepted yet.
	 */
	private static final int RETAINED_SHARE = 20;

	/**
	 * The heap size divided by this number is the limit for waiting requests.
	 */
	private static final int WAITING_SHARE = 4;

	@Bean
	static ExpiryConverter idempotencyExpiryConverter() {
		return new ExpiryConverter();
	}

	@Bean
	static DurationUnits idempotencyDurationUnits(Environment environment) {
		return new DurationUnits(environment);
	}

	@Bean
	MisspeltProperties idempotencyMisspeltProperties(Environment environment) {
		return new MisspeltProperties(environment);
	}

	@Bean
	IdempotencyListeners idempotencyListeners(ObjectProvider<IdempotencyListener> listeners) {
		return new IdempotencyListeners(listeners.orderedStream().toList());
	}

	@Bean
	IdempotencyEngine idempotencyEngine(EngineProperties properties, IdempotencyListeners listeners,
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
	ExpiredRecordPurge idempotencyExpiredRecordPurge(EngineProperties properties, IdempotencyListeners listeners,
			ConfigurableListableBeanFactory beanFactory) {
		return new ExpiredRecordPurge(beanFactory.getBeansOfType(IdempotencyStore.class).values(),
				properties.purgeInterval(), listeners);
	}

	@Bean
	ProtectionPolicies idempotencyProtectionPolicies(EngineProperties properties,
			ObjectProvider<IdempotencyStore> stores, ConfigurableListableBeanFactory beanFactory,
			Environment environment) {
		return new ProtectionPolicies(properties.expiry(), () -> {
			IdempotencyStore store = defaultStore(properties, stores);
			requireTransactions(store, environment);
			return store;
		}, beanFactory);
	}

	/**
	 * Rejects {@code idempotency.jdbc.transactional} if the store is not transactional.
	 */
	private static void requireTransactions(IdempotencyStore store, Environment environment) {
		if (!(store instanceof TransactionalIdempotencyStore)
				&& environment.getProperty("idempotency.jdbc.transactional", Boolean.class, false)) {
			throw new InvalidIdempotencyConfigurationException(
					"idempotency.jdbc.transactional=true, but records are not kept in the application's database: the store is "
							+ store.getClass().getSimpleName() + ".",
					"Set idempotency.store=jdbc, or remove idempotency.jdbc.transactional.");
		}
	}

	@Bean
	UnservedAnnotations idempotencyUnservedAnnotations(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<ServedMethods> frontEnds) {
		return new UnservedAnnotations(beanFactory, frontEnds);
	}

	private static IdempotencyStore defaultStore(EngineProperties properties, ObjectProvider<IdempotencyStore> stores) {
		IdempotencyStore store;
		try {
			store = stores.getIfAvailable();
		}
		catch (NoUniqueBeanDefinitionException ex) {
			Collection<String> names = ex.getBeanNamesFound();
			throw new InvalidIdempotencyConfigurationException(
					"There are several stores for idempotency records, and none of them is primary: "
							+ String.join(", ", (names != null) ? names : List.of()) + ".",
					"Mark the store to use with @Primary. Handlers can select another one with @Idempotent(store = ...).");
		}
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
				"Add spring-boot-starter-data-redis, which provides a connection to Redis, or remove the property.";
			case JDBC -> "Add spring-boot-starter-jdbc and a database driver, which provide a DataSource, or remove the"
					+ " property.";
			case MEMORY -> "Remove the property, or declare a bean of type IdempotencyStore.";
		};
	}

}
