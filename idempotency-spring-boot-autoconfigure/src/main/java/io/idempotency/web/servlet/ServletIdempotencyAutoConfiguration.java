package io.idempotency.web.servlet;

import io.idempotency.policy.ProtectionPolicies;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.step.StepRules;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.gate.ExposedHeaders;
import io.idempotency.web.gate.GateIdempotencyAutoConfiguration;
import io.idempotency.web.gate.Problems;
import io.idempotency.web.gate.RequestGate;
import io.idempotency.web.gate.StorageRules;
import io.idempotency.web.operation.KeyReader;
import jakarta.servlet.DispatcherType;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.servlet.FilterRegistration;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ViewResolver;

/**
 * Auto-configuration for idempotency keys in a Spring MVC application.
 * <p>
 * It comes last, so that the idempotency filter comes after all other filters without an
 * order.
 */
@AutoConfiguration(after = { GateIdempotencyAutoConfiguration.class, StepIdempotencyAutoConfiguration.class })
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@ImportRuntimeHints(ServletRuntimeHints.class)
public final class ServletIdempotencyAutoConfiguration {

	/**
	 * The default maximum size of a form in Tomcat and Spring Boot.
	 */
	private static final DataSize FORM_SIZE = DataSize.ofMegabytes(2);

	private static final int FORM_NAMES = 1000;

	private static final long LONGEST_FORM = Integer.MAX_VALUE / 2;

	@Bean
	static SpringMvcSetup idempotencySpringMvcSetup(ObjectProvider<IdempotencyInterceptor> interceptor,
			ObjectProvider<IdempotencyExceptionResolver> exceptionResolver,
			ObjectProvider<ProtectedRouterFunctions> routerFunctions) {
		return new SpringMvcSetup(interceptor, exceptionResolver, routerFunctions);
	}

	@Bean
	HandlerCatalog idempotencyHandlerCatalog(IdempotencyProperties properties, ProtectionPolicies policies,
			ConfigurableListableBeanFactory beanFactory, Problems problems, Environment environment) {
		return new HandlerCatalog(CatalogRules.of(properties, errorPath(environment)), policies, beanFactory, problems);
	}

	private static String errorPath(Environment environment) {
		return environment.resolvePlaceholders("${spring.web.error.path:${error.path:/error}}");
	}

	@Bean
	BodyLimits idempotencyBodyLimits(IdempotencyProperties properties, Environment environment) {
		long form = formSize(environment).toBytes();
		return new BodyLimits((int) properties.maxFingerprintSize().toBytes(),
				(int) ((form < 0) ? LONGEST_FORM : Math.min(form, LONGEST_FORM)), formNames(environment));
	}

	/**
	 * Returns the maximum number of names of parameters that the container would accept.
	 */
	private static int formNames(Environment environment) {
		Binder binder = Binder.get(environment);
		int count = binder.bind("server.tomcat.max-parameter-count", Integer.class)
			.orElseGet(() -> binder.bind("server.jetty.max-form-keys", Integer.class).orElse(FORM_NAMES));
		return (count < 0) ? Integer.MAX_VALUE : count;
	}

	/**
	 * Returns the maximum size of a form that the container would parse.
	 */
	private static DataSize formSize(Environment environment) {
		Binder binder = Binder.get(environment);
		return binder.bind("server.tomcat.max-http-form-post-size", DataSize.class)
			.orElseGet(() -> binder.bind("server.jetty.max-http-form-post-size", DataSize.class).orElse(FORM_SIZE));
	}

	@Bean
	@FilterRegistration(order = Ordered.LOWEST_PRECEDENCE, dispatcherTypes = { DispatcherType.REQUEST,
			DispatcherType.FORWARD, DispatcherType.ASYNC, DispatcherType.ERROR })
	IdempotencyFilter idempotencyFilter(KeyReader keys, HandlerCatalog handlers, BodyLimits limits) {
		return new IdempotencyFilter(keys, handlers, limits);
	}

	@Bean
	@FilterRegistration(order = Ordered.HIGHEST_PRECEDENCE,
			dispatcherTypes = { DispatcherType.REQUEST, DispatcherType.ASYNC })
	RequestEndFilter idempotencyRequestEndFilter(IdempotencyProperties properties, KeyReader keys, BodyLimits limits,
			ConfigurableListableBeanFactory beanFactory) {
		return new RequestEndFilter(keys, !properties.waitTimeout().isZero(), limits.most(),
				(filter) -> RequestFilters.of(beanFactory, filter), () -> onlyServlet(beanFactory));
	}

	private static @Nullable DispatcherServlet onlyServlet(ConfigurableListableBeanFactory beanFactory) {
		return beanFactory.getBeanProvider(DispatcherServlet.class).getIfUnique();
	}

	@Bean
	CommitFailures idempotencyCommitFailures(Problems problems,
			@Qualifier(DispatcherServlet.HANDLER_EXCEPTION_RESOLVER_BEAN_NAME) ObjectProvider<HandlerExceptionResolver> exceptionResolver,
			ObjectProvider<ViewResolver> viewResolvers) {
		return new CommitFailures(problems, exceptionResolver, viewResolvers);
	}

	@Bean
	RequestAdmission idempotencyRequestAdmission(IdempotencyProperties properties, KeyReader keys, RequestGate gate,
			StorageRules storageRules, StepRules steps, CommitFailures commitFailures) {
		return new RequestAdmission(keys, gate,
				new RunRules(storageRules, properties.maxResponseSize().toBytes(), steps), properties.waitTimeout(),
				new ExposedHeaders(properties.replayHeader()), commitFailures);
	}

	@Bean
	StoredResponseWriter idempotencyStoredResponseWriter(IdempotencyProperties properties) {
		return new StoredResponseWriter(properties.replayHeader(), properties.replayStatus(),
				new ExposedHeaders(properties.replayHeader()));
	}

	@Bean
	IdempotencyInterceptor idempotencyInterceptor(HandlerCatalog handlers, RequestAdmission admission,
			StoredResponseWriter replay) {
		return new IdempotencyInterceptor(handlers, admission, replay);
	}

	@Bean
	ProtectedRouterFunctions idempotencyProtectedRouterFunctions(HandlerCatalog handlers, RequestAdmission admission,
			StoredResponseWriter replay) {
		return new ProtectedRouterFunctions(new FunctionalProtection(handlers, admission, replay));
	}

	@Bean
	IdempotencyExceptionResolver idempotencyExceptionResolver(MessageSource messageSource, Problems problems) {
		return new IdempotencyExceptionResolver(messageSource, problems);
	}

	@Bean
	FailureObserver idempotencyFailureObserver() {
		return new FailureObserver();
	}

	@Bean
	IdempotencyResponseBodyAdvice idempotencyResponseBodyAdvice() {
		return new IdempotencyResponseBodyAdvice();
	}

}
