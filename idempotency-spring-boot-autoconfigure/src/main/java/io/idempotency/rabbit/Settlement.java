package io.idempotency.rabbit;

import java.io.IOException;

import com.rabbitmq.client.AlreadyClosedException;
import io.idempotency.method.IncomingMessage.Handled;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.listener.ContainerUtils;

/**
 * Settles the deliveries of a container, each for itself: others that came before may be
 * postponed.
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
	 * @param automatic whether this acknowledges and rejects, instead of the listener
	 * @param asynchronous whether the listener's adapter does, when a result is there
	 * @param requeueRejected whether a message whose listener has failed is returned to
	 * its queue, unless the exception says otherwise
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
	 * Returns the delivery that the calling thread works on, or has failed to.
	 */
	@Nullable Delivery current() {
		return this.current.get();
	}

	/**
	 * Settles a delivery that did not fail, as far as what is around the listener says.
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
	 * Settles the delivery that the calling thread has failed to work on, when error
	 * handlers have had their say.
	 * @param failure what they have made of it
	 * @return what to throw instead, so that the container does not settle it again, or
	 * {@code null}
	 */
	@Nullable RuntimeException failed(Throwable failure) {
		Delivery delivery = this.current.get();
		this.current.remove();
		if (delivery == null) {
			return null;
		}
		boolean acknowledged = ContainerUtils.isImmediateAcknowledge(failure);
		boolean rejected = ContainerUtils.isRejectManual(failure);
		if (this.automatic && acknowledged) {
			settle(() -> delivery.channel().basicAck(delivery.tag(), false));
		}
		else if (this.automatic || rejected) {
			boolean requeue = ContainerUtils.shouldRequeue(this.requeueRejected, failure, logger);
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
	 * When the channel is closed, its messages have been returned to their queues.
	 */
	private static void settle(Step step) {
		try {
			step.run();
		}
		catch (IOException | AlreadyClosedException ex) {
			logger.warn("A message could not be acknowledged or rejected, and comes again: " + ex.getMessage());
		}
	}

	@FunctionalInterface
	private interface Step {

		void run() throws IOException;

	}

}
