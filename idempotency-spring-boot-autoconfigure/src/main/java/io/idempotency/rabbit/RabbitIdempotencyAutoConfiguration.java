package io.idempotency.rabbit;

import com.rabbitmq.client.Channel;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.method.ListenerRegistries;
import io.idempotency.method.MethodIdempotencyAutoConfiguration;

import org.springframework.amqp.rabbit.listener.RabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpoint;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;

/**
 * Auto-configuration for the protection of annotated RabbitMQ listeners.
 */
@AutoConfiguration(after = MethodIdempotencyAutoConfiguration.class)
@ConditionalOnClass({ RabbitListenerEndpointRegistry.class, Channel.class })
@ConditionalOnBean(IdempotencyEngine.class)
@EnableConfigurationProperties(RabbitListenerProperties.class)
public final class RabbitIdempotencyAutoConfiguration {

	@Bean
	PostponedDeliveries idempotencyPostponedDeliveries(RabbitListenerProperties properties) {
		return new PostponedDeliveries(properties.retryDelay());
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ListenerRegistries idempotencyRabbitListeners(ObjectProvider<PostponedDeliveries> postponed) {
		ProtectedRabbitListeners listeners = new ProtectedRabbitListeners(postponed::getObject);
		return new ListenerRegistries(RabbitListenerEndpointRegistry.class, (endpoint, factory) -> listeners
			.protecting((RabbitListenerEndpoint) endpoint, (RabbitListenerContainerFactory<?>) factory));
	}

}
