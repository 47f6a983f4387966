package io.idempotency.rabbit;

import java.io.IOException;

import com.rabbitmq.client.AlreadyClosedException;
import io.idempotency.method.IncomingMessage.Handled;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.AmqpRejectAndDontRequeueException;

/**
 * Settles the deliveries of a container, each one separately, because earlier deliveries
 * may be postponed.
 */
final class Settlement {

	private static final Log logger = LogFactory.getLog(Settlement.class);

	private final ThreadLocal<Delivery> current = new ThreadLocal<>();

	private final boolean automatic;

	private final boolean asynchronous;

	private final boolean requeueRejected;

	private final PostponedDeliveries postponed;

	/**
	 * Creates the settlement of a container.
	 * @param automatic whether this class acknowledges and rejects messages, and not the
	 * listener
	 * @param asynchronous whether the listener's adapter does so when an asynchronous
	 * result is completed
	 * @param requeueRejected whether a message is returned to its queue if its listener
	 * failed, unless the exception says otherwise
	 */
	Settlement(boolean automatic, boolean asynchronous, boolean requeueRejected, PostponedDeliveries postponed) {
		this.automatic = automatic;
		this.asynchronous = asynchronous;
		this.requeueRejected = requeueRejected;
		this.postponed = postponed;
	}

	boolean isAutomatic() {
		return this.automatic;
	}

	PostponedDeliveries postponed() {
		return this.postponed;
	}

	void begin(Delivery delivery) {
		this.current.set(delivery);
	}

	/**
	 * Returns the delivery that the calling thread processes, or failed to process.
	 */
	@Nullable Delivery current() {
		return this.current.get();
	}

	/**
	 * Settles a delivery after the listener and all advice around it returned normally.
	 */
	void succeeded(Delivery delivery) {
		this.current.remove();
		if (delivery.handled() == Handled.REFUSED_FOR_NOW) {
			this.postponed.add(delivery.channel(), delivery.tag());
		}
		else if (this.automatic || (delivery.handled() == Handled.DONE_BEFORE && !this.asynchronous)) {
			settle(() -> delivery.channel().basicAck(delivery.tag(), false));
		}
	}

	/**
	 * Settles the delivery that the calling thread failed to process, after the error
	 * handler has decided about the failure.
	 * @param failure the failure, possibly replaced by the error handler
	 * @return an exception to throw instead, so that the container does not settle the
	 * delivery again, or {@code null}
	 */
	@Nullable RuntimeException failed(Throwable failure) {
		Delivery delivery = this.current.get();
		this.current.remove();
		if (delivery == null) {
			return null;
		}
		boolean acknowledged = FailureRules.isAcknowledged(failure);
		boolean rejected = FailureRules.isRejectedManually(failure);
		if (this.automatic && acknowledged) {
			settle(() -> delivery.channel().basicAck(delivery.tag(), false));
		}
		else if (this.automatic || rejected) {
			boolean requeue = FailureRules.isRequeued(failure, this.requeueRejected);
			settle(() -> delivery.channel().basicReject(delivery.tag(), requeue));
		}
		else if (acknowledged) {
			this.postponed.returnUpTo(delivery.channel(), delivery.tag());
		}
		return rejected ? settledAlready(failure) : null;
	}

	private static RuntimeException settledAlready(Throwable failure) {
		AmqpRejectAndDontRequeueException settled = new AmqpRejectAndDontRequeueException(
				"The message was rejected: " + failure.getMessage());
		settled.addSuppressed(failure);
		return settled;
	}

	/**
	 * Settles a delivery. If the channel is closed, the broker has already returned its
	 * messages to their queues.
	 */
	private static void settle(Step step) {
		try {
			step.run();
		}
		catch (IOException | AlreadyClosedException ex) {
			logger.warn("A message could not be acknowledged or rejected and is delivered again: " + ex.getMessage());
		}
	}

	@FunctionalInterface
	private interface Step {

		void run() throws IOException;

	}

}
