package io.idempotency.rabbit;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.policy.MethodDescription;
import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.MessagePostProcessor;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.util.ReflectionUtils;

/**
 * Prepares the container of a protected listener before it starts.
 * <p>
 * A container in the mode {@code AUTO} acknowledges all deliveries up to one, including
 * those that are postponed. The container is therefore switched to {@code MANUAL}, and
 * {@link Settlement} settles each delivery separately, in the same way as the container
 * would.
 */
final class ProtectedContainer {

	private final AbstractMessageListenerContainer container;

	private final MethodDescription listener;

	ProtectedContainer(AbstractMessageListenerContainer container, MethodDescription listener) {
		this.container = container;
		this.listener = listener;
	}

	void prepare(PostponedDeliveries postponed) {
		require(this.container.getAcknowledgeMode() != AcknowledgeMode.NONE,
				"its messages are acknowledged before they are processed",
				"Set the acknowledge mode to AUTO or MANUAL");
		require(!this.container.isChannelTransacted() && setting("getTransactionManager") == null,
				"its container has transacted channels or a transaction manager",
				"Remove channelTransacted and the transaction manager from the container, and let the listener begin its transactions");
		require(!(this.container instanceof SimpleMessageListenerContainer simple && simple.isConsumerBatchEnabled()),
				"its container takes messages in batches", "Remove consumerBatchEnabled");
		MessageListener messageListener = this.container.getMessageListener();
		if (messageListener == null) {
			throw new IllegalStateException("The container of " + this.listener + " has no listener");
		}
		boolean asynchronous = messageListener.isAsyncReplies();
		boolean automatic = this.container.getAcknowledgeMode() == AcknowledgeMode.AUTO && !asynchronous;
		Settlement settlement = new Settlement(automatic, asynchronous,
				Boolean.TRUE.equals(setting("isDefaultRequeueRejected")), postponed);
		if (automatic) {
			this.container.setAcknowledgeMode(AcknowledgeMode.MANUAL);
			if (this.container instanceof SimpleMessageListenerContainer simple) {
				simple.setEnforceImmediateAckForManual(false);
			}
		}
		this.container.setMessageListener(new ProtectedListener(messageListener, settlement));
		this.container.setDeBatchingEnabled(false);
		this.container.setAdviceChain(around(settlement));
		this.container.setAfterReceivePostProcessors();
		this.container.setErrorHandler(new SettlingErrorHandler(this.container.getErrorHandler(), settlement));
	}

	/**
	 * Returns the advice chain. Its first advice acknowledges a message after all advice
	 * of the application has ended.
	 */
	private Advice[] around(Settlement settlement) {
		List<Advice> chain = new ArrayList<>();
		chain.add(new SettlingAdvice(settlement, postProcessors()));
		if (setting("getAdviceChain") instanceof Advice[] advices) {
			chain.addAll(List.of(advices));
		}
		return chain.toArray(Advice[]::new);
	}

	private List<MessagePostProcessor> postProcessors() {
		List<MessagePostProcessor> postProcessors = new ArrayList<>();
		if (setting("getAfterReceivePostProcessors") instanceof Collection<?> present) {
			present.forEach((each) -> postProcessors.add((MessagePostProcessor) each));
		}
		return List.copyOf(postProcessors);
	}

	/**
	 * Returns a setting whose getter is only visible to subclasses of the container.
	 */
	private @Nullable Object setting(String getter) {
		Method method = ReflectionUtils.findMethod(AbstractMessageListenerContainer.class, getter);
		if (method == null) {
			throw new IllegalStateException("This version of Spring AMQP has no " + getter);
		}
		ReflectionUtils.makeAccessible(method);
		return ReflectionUtils.invokeMethod(method, this.container);
	}

	private void require(boolean condition, String contradiction, String action) {
		if (!condition) {
			throw new InvalidIdempotencyConfigurationException(
					"The listener %s is @Idempotent, but %s, and a message cannot be delivered again after a pause."
						.formatted(this.listener, contradiction),
					action + ", or remove @Idempotent.");
		}
	}

}
