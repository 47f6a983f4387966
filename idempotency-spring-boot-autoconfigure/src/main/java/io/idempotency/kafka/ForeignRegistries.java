package io.idempotency.kafka;

import io.idempotency.method.ProtectedListeners;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;

/**
 * Fails the start of the application, before any container starts, if a registry creates
 * containers that cannot be protected.
 */
final class ForeignRegistries implements SmartLifecycle {

	private final ProtectedListeners listeners;

	private final ObjectProvider<KafkaListenerEndpointRegistry> registries;

	private volatile boolean running;

	ForeignRegistries(ProtectedListeners listeners, ObjectProvider<KafkaListenerEndpointRegistry> registries) {
		this.listeners = listeners;
		this.registries = registries;
	}

	@Override
	public void start() {
		this.running = true;
		boolean foreign = this.registries.stream()
			.anyMatch((registry) -> !(registry instanceof ProtectingEndpointRegistry));
		if (foreign && this.listeners.has(KafkaListener.class)) {
			throw new InvalidIdempotencyConfigurationException(
					"The application has a KafkaListenerEndpointRegistry of its own, whose listeners cannot be @Idempotent.",
					"Remove the bean, so that @EnableKafka declares one, or remove @Idempotent from the listeners.");
		}
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return Integer.MIN_VALUE;
	}

}
