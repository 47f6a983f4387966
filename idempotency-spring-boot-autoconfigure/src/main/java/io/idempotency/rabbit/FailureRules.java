package io.idempotency.rabbit;

import java.util.Objects;
import java.util.stream.Stream;

import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.ImmediateAcknowledgeAmqpException;
import org.springframework.amqp.ImmediateRequeueAmqpException;

/**
 * What an exception asks for its message. These are the rules of Spring AMQP, whose own
 * class for them is not in the same package in 4.0 and 4.1.
 */
final class FailureRules {

	private FailureRules() {
	}

	/**
	 * Returns whether the message counts as worked on.
	 */
	static boolean isAcknowledged(Throwable failure) {
		return causes(failure).anyMatch(ImmediateAcknowledgeAmqpException.class::isInstance);
	}

	/**
	 * Returns whether the message is rejected although the listener acknowledges by
	 * itself.
	 */
	static boolean isRejectedManually(Throwable failure) {
		return causes(failure).filter(AmqpRejectAndDontRequeueException.class::isInstance)
			.findFirst()
			.filter((cause) -> ((AmqpRejectAndDontRequeueException) cause).isRejectManual())
			.isPresent();
	}

	/**
	 * Returns whether a message that is rejected goes back to its queue.
	 * @param byDefault whether it does if the exception does not say so
	 */
	static boolean isRequeued(Throwable failure, boolean byDefault) {
		return causes(failure)
			.filter((cause) -> cause instanceof AmqpRejectAndDontRequeueException
					|| cause instanceof ImmediateRequeueAmqpException)
			.findFirst()
			.map(ImmediateRequeueAmqpException.class::isInstance)
			.orElse(byDefault);
	}

	private static Stream<Throwable> causes(Throwable failure) {
		return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
	}

}
