package io.idempotency.rabbit;

import com.rabbitmq.client.Channel;
import io.idempotency.method.IncomingMessage.Handled;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.connection.ChannelProxy;

/**
 * A message on its way through a container.
 */
final class Delivery {

	private final Channel channel;

	private final long tag;

	private Handled handled = Handled.DONE;

	Delivery(Channel channel, Message message) {
		this.channel = target(channel);
		this.tag = message.getMessageProperties().getDeliveryTag();
	}

	/**
	 * Returns the channel on which a message came. A proxy opens another when it is
	 * closed, for which the tag is that of another delivery.
	 */
	static Channel target(Channel channel) {
		return (channel instanceof ChannelProxy proxy) ? proxy.getTargetChannel() : channel;
	}

	Channel channel() {
		return this.channel;
	}

	long tag() {
		return this.tag;
	}

	Handled handled() {
		return this.handled;
	}

	void handled(Handled handled) {
		this.handled = handled;
	}

}
