package io.idempotency.kafka;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.kafka.config.KafkaListenerContainerFactory;
import org.springframework.kafka.config.KafkaListenerEndpoint;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Protects each container before it runs, whether it is created at start or later.
 */
final class ProtectingEndpointRegistry extends KafkaListenerEndpointRegistry {

	private final ObjectProvider<ContainerProtection> protection;

	ProtectingEndpointRegistry(ObjectProvider<ContainerProtection> protection) {
		this.protection = protection;
	}

	@Override
	protected MessageListenerContainer createListenerContainer(KafkaListenerEndpoint endpoint,
			KafkaListenerContainerFactory<?> factory) {
		MessageListenerContainer container = super.createListenerContainer(endpoint, factory);
		this.protection.getObject().protect(container, endpoint);
		return container;
	}

}
