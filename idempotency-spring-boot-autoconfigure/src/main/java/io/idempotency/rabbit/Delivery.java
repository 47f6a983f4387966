package io.idempotency.rabbit;

import com.rabbitmq.client.Channel;
import io.idempotency.method.IncomingMessage.Handled;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.connection.ChannelProxy;

/**
 * The delivery of a message by a container.
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
	 * Returns the channel that delivered a message. A proxy opens another channel when
	 * its channel is closed, and there the same tag belongs to another delivery.
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
