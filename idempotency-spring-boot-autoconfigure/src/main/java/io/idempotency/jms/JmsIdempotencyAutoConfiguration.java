package io.idempotency.jms;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.method.ListenerRegistries;
import io.idempotency.method.MethodIdempotencyAutoConfiguration;
import jakarta.jms.Message;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.jms.config.JmsListenerContainerFactory;
import org.springframework.jms.config.JmsListenerEndpoint;
import org.springframework.jms.config.JmsListenerEndpointRegistry;

/**
 * Protects JMS listeners that are annotated with {@code @Idempotent}.
 */
@AutoConfiguration(after = MethodIdempotencyAutoConfiguration.class)
@ConditionalOnClass({ JmsListenerEndpointRegistry.class, Message.class })
@ConditionalOnBean(IdempotencyEngine.class)
@EnableConfigurationProperties(JmsListenerProperties.class)
public final class JmsIdempotencyAutoConfiguration {

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ListenerRegistries idempotencyJmsListeners(ObjectProvider<JmsListenerProperties> properties) {
		ProtectedJmsListeners listeners = new ProtectedJmsListeners(() -> properties.getObject().retryDelay());
		return new ListenerRegistries(JmsListenerEndpointRegistry.class, (endpoint, factory) -> listeners
			.protecting((JmsListenerEndpoint) endpoint, (JmsListenerContainerFactory<?>) factory));
	}

}
