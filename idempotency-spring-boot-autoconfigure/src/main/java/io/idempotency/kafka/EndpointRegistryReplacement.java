package io.idempotency.kafka;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.kafka.config.KafkaListenerConfigUtils;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;

/**
 * Replaces the registry that {@code @EnableKafka} declares with one that protects the
 * containers that it creates. Only in the registry does a container have its final
 * listener and error handlers, which its factory, the customizers of the factory and
 * retry topics may have changed before.
 */
final class EndpointRegistryReplacement implements BeanFactoryPostProcessor {

	private static final String NAME = KafkaListenerConfigUtils.KAFKA_LISTENER_ENDPOINT_REGISTRY_BEAN_NAME;

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (beanFactory.containsBeanDefinition(NAME)
				&& beanFactory.getBeanDefinition(NAME) instanceof AbstractBeanDefinition definition
				&& KafkaListenerEndpointRegistry.class.getName().equals(definition.getBeanClassName())
				&& definition.getFactoryMethodName() == null) {
			definition.setBeanClass(ProtectingEndpointRegistry.class);
		}
	}

}
