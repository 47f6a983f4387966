package io.idempotency.method;

import java.lang.reflect.Method;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.RequestTracing;
import io.idempotency.method.CallRun.RunRules;
import io.idempotency.method.IdempotentMethodAdvisor.MethodCalls;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineProperties;
import io.idempotency.policy.ProtectionPolicies;
import io.idempotency.policy.ServedMethods;
import io.idempotency.result.ResultJson;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.step.StepRules;

import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Role;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration for protected methods of beans and the {@link IdempotencyTemplate}.
 */
@AutoConfiguration(after = { EngineIdempotencyAutoConfiguration.class, StepIdempotencyAutoConfiguration.class })
@ConditionalOnBean(IdempotencyEngine.class)
@Import(MethodIdempotencyAutoConfiguration.ProxyCreator.class)
public final class MethodIdempotencyAutoConfiguration {

	private static final String TRANSACTIONS = "org.springframework.transaction.support.TransactionSynchronizationManager";

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static IdempotentMethodAdvisor idempotentMethodAdvisor(ObjectProvider<MethodCalls> calls) {
		return new IdempotentMethodAdvisor(calls::getObject);
	}

	@Bean
	CallKeys idempotencyCallKeys(EngineProperties properties) {
		return new CallKeys(properties.maxKeyLength());
	}

	@Bean
	CallGate idempotencyCallGate(IdempotencyEngine engine, IdempotencyListeners listeners,
			EngineProperties properties) {
		return new CallGate(engine, listeners, properties.onStoreFailure());
	}

	@Bean
	CallRunner idempotencyCallRunner(CallGate gate, ResultJson json, StepRules steps, EngineProperties properties,
			CallerTransaction transaction, ObjectProvider<RequestTracing> tracing) {
		RequestTracing traces = tracing.getIfUnique(() -> RequestTracing.NONE);
		CallOutcomes outcomes = new CallOutcomes(json, properties.maxResultSize().toBytes(), traces);
		return new CallRunner(gate, new RunRules(outcomes, transaction, steps), new CallReplay(json, traces));
	}

	@Bean
	CallerTransaction idempotencyCallerTransaction() {
		return ClassUtils.isPresent(TRANSACTIONS, MethodIdempotencyAutoConfiguration.class.getClassLoader())
				? new SpringTransaction() : CallerTransaction.NONE;
	}

	@Bean
	@ConditionalOnMissingBean(IdempotencyOperations.class)
	IdempotencyTemplate idempotencyTemplate(ProtectionPolicies policies, CallKeys keys, ResultJson json,
			CallRunner runner) {
		return new IdempotencyTemplate(policies, keys, json, runner);
	}

	@Bean
	MethodCatalog idempotencyMethodCatalog(ProtectionPolicies policies, ResultJson json, CallerTransaction transaction,
			ConfigurableListableBeanFactory beanFactory) {
		return new MethodCatalog(policies, json, transaction, beanFactory);
	}

	@Bean
	MethodCalls idempotencyMethodCalls(MethodCatalog catalog, CallKeys keys, ResultJson json, CallGate gate,
			CallRunner runner) {
		return new MethodCalls(catalog, keys, json, gate, runner);
	}

	@Bean
	ProtectedListeners idempotencyProtectedListeners(MethodCatalog catalog, CallKeys keys, ResultJson json,
			CallGate gate, CallRunner runner) {
		return new ProtectedListeners(catalog, keys, json, gate, runner);
	}

	@Bean
	ServedMethods idempotencyServedMethods(MethodCatalog catalog) {
		return (Class<?> type, Method method) -> catalog.find(method, type) != null;
	}

	@Bean
	UnproxiedBeans idempotencyUnproxiedBeans(ConfigurableListableBeanFactory beanFactory) {
		return new UnproxiedBeans(beanFactory);
	}

	/**
	 * Registers the auto-proxy creator, which most but not all applications already have.
	 */
	static final class ProxyCreator implements ImportBeanDefinitionRegistrar {

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
		}

	}

}
