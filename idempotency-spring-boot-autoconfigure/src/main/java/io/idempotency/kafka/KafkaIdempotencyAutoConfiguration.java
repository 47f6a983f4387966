package io.idempotency.kafka;

import io.idempotency.method.MethodIdempotencyAutoConfiguration;
import io.idempotency.method.ProtectedListeners;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;

/**
 * Protects {@code @KafkaListener} methods if the application uses Spring for Apache
 * Kafka.
 */
@AutoConfiguration(after = MethodIdempotencyAutoConfiguration.class)
@ConditionalOnClass(KafkaListenerEndpointRegistry.class)
@ConditionalOnBean(ProtectedListeners.class)
@EnableConfigurationProperties(KafkaIdempotencyProperties.class)
public final class KafkaIdempotencyAutoConfiguration {

	@Bean
	static EndpointRegistryReplacement idempotencyKafkaEndpointRegistryReplacement() {
		return new EndpointRegistryReplacement();
	}

	@Bean
	Redelivery idempotencyKafkaRedelivery(KafkaIdempotencyProperties properties) {
		return new Redelivery(properties.retryDelay());
	}

	@Bean
	ContainerProtection idempotencyKafkaContainerProtection(ProtectedListeners listeners, Redelivery redelivery) {
		return new ContainerProtection(listeners, redelivery);
	}

	@Bean
	ForeignRegistries idempotencyKafkaForeignRegistries(ProtectedListeners listeners,
			ObjectProvider<KafkaListenerEndpointRegistry> registries) {
		return new ForeignRegistries(listeners, registries);
	}

}
