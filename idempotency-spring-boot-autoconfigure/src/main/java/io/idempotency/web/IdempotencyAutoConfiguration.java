package io.idempotency.web;

import java.util.EnumSet;
import java.util.Locale;

import io.idempotency.engine.ExpiredRecordPurge;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.StoreObserver;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.web.IdempotencyProperties.OnAbandoned;
import io.idempotency.web.IdempotencyProperties.StoreType;
import jakarta.servlet.DispatcherType;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Makes the endpoints of a Spring MVC application honour an idempotency key.
 */
@AutoConfiguration(afterName = { "io.idempotency.redis.RedisIdempotencyAutoConfiguration",
		"io.idempotency.jdbc.JdbcIdempotencyAutoConfiguration",
		"io.idempotency.memory.MemoryIdempotencyAutoConfiguration" })
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
@ImportRuntimeHints(PropertiesRuntimeHints.class)
public final class IdempotencyAutoConfiguration {

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
		return new IdempotencyEngine(properties.leaseDuration(), properties.onAbandoned() == OnAbandoned.RUN, listeners,
				observer.getIfUnique(() -> StoreObserver.NONE));
	}

	@Bean
	HandlerPolicies idempotencyHandlerPolicies(IdempotencyProperties properties,
			ObjectProvider<IdempotencyStore> stores, ConfigurableListableBeanFactory beanFactory) {
		return new HandlerPolicies(properties, () -> defaultStore(properties, stores), beanFactory);
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
	ExpiredRecordPurge idempotencyExpiredRecordPurge(IdempotencyProperties properties, IdempotencyListeners listeners,
			ConfigurableListableBeanFactory beanFactory) {
		return new ExpiredRecordPurge(beanFactory.getBeansOfType(IdempotencyStore.class).values(),
				properties.purgeInterval(), listeners);
	}

	@Bean
	@ConditionalOnMissingBean
	IdempotencyKeyResolver idempotencyKeyResolver(IdempotencyProperties properties) {
		HeaderKeyResolver header = new HeaderKeyResolver(properties.keyHeader(), properties.keySyntax());
		String parameter = properties.keyParameter();
		return (parameter != null) ? new ParameterOrHeaderKeyResolver(parameter, header) : header;
	}

	@Bean
	@ConditionalOnMissingBean
	IdempotencyScopeResolver idempotencyScopeResolver(IdempotencyProperties properties) {
		return new DefaultScopeResolver(properties);
	}

	@Bean
	@ConditionalOnMissingBean
	RequestFingerprinter idempotencyRequestFingerprinter(IdempotencyProperties properties) {
		return new DefaultRequestFingerprinter(properties);
	}

	@Bean
	KeyReader idempotencyKeyReader(IdempotencyKeyResolver resolver, IdempotencyProperties properties) {
		return new KeyReader(resolver, properties);
	}

	@Bean
	RecordLocator idempotencyRecordLocator(KeyReader keys, IdempotencyScopeResolver scopes) {
		return new ScopedRecordLocator(keys, scopes);
	}

	@Bean
	FilterRegistrationBean<IdempotencyFilter> idempotencyFilter(KeyReader keys, HandlerPolicies policies,
			IdempotencyProperties properties, ObjectProvider<RequestTracing> tracing) {
		FilterRegistrationBean<IdempotencyFilter> registration = new FilterRegistrationBean<>(new IdempotencyFilter(
				keys, policies, new StorageRules(properties, tracing.getIfUnique(() -> RequestTracing.NONE))));
		registration.setDispatcherTypes(EnumSet.complementOf(EnumSet.of(DispatcherType.INCLUDE)));
		registration.setOrder(Ordered.LOWEST_PRECEDENCE);
		return registration;
	}

	@Bean
	IdempotencyWebMvcConfigurer idempotencyWebMvcConfigurer(IdempotencyProperties properties, HandlerPolicies policies,
			KeyReader keys, IdempotencyScopeResolver scopes, RequestFingerprinter fingerprints,
			IdempotencyEngine engine, IdempotencyListeners listeners, ObjectProvider<RequestTracing> tracing,
			MessageSource messageSource,
			@Qualifier(DispatcherServlet.HANDLER_EXCEPTION_RESOLVER_BEAN_NAME) ObjectProvider<HandlerExceptionResolver> exceptionResolver) {
		return new IdempotencyWebMvcConfigurer(
				new IdempotencyInterceptor(properties, policies, keys, scopes, fingerprints, engine, listeners,
						tracing.getIfUnique(() -> RequestTracing.NONE), exceptionResolver),
				new IdempotencyExceptionResolver(messageSource));
	}

	@Bean
	IdempotencyResponseBodyAdvice idempotencyResponseBodyAdvice() {
		return new IdempotencyResponseBodyAdvice();
	}

}
