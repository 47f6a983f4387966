package io.idempotency.rabbit;

import com.rabbitmq.client.Channel;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareMessageListener;
import org.springframework.amqp.support.converter.MessageConversionException;

/**
 * Delivers messages to a listener, and records how it ended.
 * <p>
 * This is not an advice of the container: an advice that repeats the listener does not
 * repeat the advice that comes after it.
 */
record ProtectedListener(MessageListener listener, Settlement settlement) implements ChannelAwareMessageListener {

	@Override
	public void onMessage(Message message, @Nullable Channel channel) throws Exception {
		if (message.getMessageProperties().getHeader(MessageProperties.SPRING_BATCH_FORMAT) != null) {
			throw new MessageConversionException(
					"The message is a batch of several messages, which have one id together; send them one by one to a listener that is @Idempotent");
		}
		Delivery delivery = this.settlement.current();
		if (delivery == null) {
			throw new IllegalStateException("The container was not prepared to settle deliveries");
		}
		delivery.handled(RabbitMessages.incoming(message).handle(() -> deliver(message, channel)));
	}

	private void deliver(Message message, @Nullable Channel channel) throws Exception {
		if (!(this.listener instanceof ChannelAwareMessageListener aware)) {
			this.listener.onMessage(message);
		}
		else if (this.settlement.isAutomatic() || channel == null) {
			aware.onMessage(message, channel);
		}
		else {
			aware.onMessage(message, ListenerChannel.of(channel, this.settlement.postponed()));
		}
	}

	/**
	 * Hides from the listener that {@link Settlement} acknowledges messages in place of
	 * the container. Otherwise, the listener would acknowledge them, too.
	 */
	@Override
	public void containerAckMode(AcknowledgeMode mode) {
		this.listener.containerAckMode(this.settlement.isAutomatic() ? AcknowledgeMode.AUTO : mode);
	}

	@Override
	public boolean isAsyncReplies() {
		return this.listener.isAsyncReplies();
	}

}
