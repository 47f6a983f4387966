package io.idempotency.rabbit;

import java.util.List;

import com.rabbitmq.client.Channel;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessagePostProcessor;

/**
 * Settles a delivery after the listener and all advice around it have ended.
 *
 * @param settlement settles deliveries
 * @param postProcessors the post-processors of the container. They run within this
 * advice, so that a message that they cannot read is settled, too
 */
record SettlingAdvice(Settlement settlement, List<MessagePostProcessor> postProcessors) implements MethodInterceptor {

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object[] arguments = invocation.getArguments();
		if (!(arguments[0] instanceof Channel channel) || !(arguments[1] instanceof Message message)) {
			throw new IllegalStateException("Not a single message: " + arguments[1]);
		}
		Delivery delivery = new Delivery(channel, message);
		this.settlement.begin(delivery);
		for (MessagePostProcessor postProcessor : this.postProcessors) {
			message = postProcessor.postProcessMessage(message);
		}
		arguments[1] = message;
		Object result = invocation.proceed();
		this.settlement.succeeded(delivery);
		return result;
	}

}
