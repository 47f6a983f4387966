package io.idempotency.kafka;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.kafka.config.KafkaListenerConfigUtils;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;

/**
 * Lets the registry that {@code @EnableKafka} declares be one that protects the
 * containers it creates. A container has got its final listener and error handlers only
 * there, behind its factory, the factory's customizers, and retry topics.
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
