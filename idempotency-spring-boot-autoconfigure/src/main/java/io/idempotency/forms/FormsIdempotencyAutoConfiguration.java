package io.idempotency.forms;

import io.idempotency.web.ProtectedMethods;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.web.servlet.support.RequestDataValueProcessor;

/**
 * Adds a key to the application's web forms if {@code idempotency.key-parameter} is set.
 */
@AutoConfiguration(after = ServletIdempotencyAutoConfiguration.class,
		afterName = "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration")
@ConditionalOnBean(ProtectedMethods.class)
@ConditionalOnProperty("idempotency.key-parameter")
@ImportRuntimeHints(FormsRuntimeHints.class)
public final class FormsIdempotencyAutoConfiguration {

	private static final String PROCESSOR = "requestDataValueProcessor";

	@Bean
	IdempotencyForm idempotencyForm(@Value("${idempotency.key-parameter}") String parameter) {
		return new IdempotencyForm(parameter);
	}

	/**
	 * Declares the bean under the name by which Spring's form support looks it up.
	 */
	@Bean(PROCESSOR)
	@ConditionalOnMissingBean(name = PROCESSOR)
	RequestDataValueProcessor idempotencyRequestDataValueProcessor(IdempotencyForm form, ProtectedMethods methods) {
		return new IdempotencyRequestDataValueProcessor(form, methods, null);
	}

	@Bean
	static BeanPostProcessor idempotencyRequestDataValueProcessorExtender(ObjectProvider<IdempotencyForm> form,
			ObjectProvider<ProtectedMethods> methods) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (beanName.equals(PROCESSOR) && bean instanceof RequestDataValueProcessor other
						&& !(bean instanceof IdempotencyRequestDataValueProcessor)) {
					return new IdempotencyRequestDataValueProcessor(form.getObject(), methods.getObject(), other);
				}
				return bean;
			}

		};
	}

}
