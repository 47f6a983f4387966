package io.idempotency.jms;

import java.time.Duration;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;

import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.support.JmsUtils;

/**
 * Sends messages again, so that they are delivered after a delay. Any other way in JMS
 * either counts as a failed delivery or blocks a consumer.
 * <p>
 * A message is sent in the session that has received it. If the session is transacted, it
 * is both sent and acknowledged, or neither.
 */
final class PostponedMessages {

	private final AbstractMessageListenerContainer container;

	private final Duration pause;

	PostponedMessages(AbstractMessageListenerContainer container, Duration pause) {
		this.container = container;
		this.pause = pause;
	}

	void sendAgain(Message message, Session session) throws JMSException {
		identify(message);
		long expiration = message.getJMSExpiration();
		long timeToLive = (expiration != 0) ? Math.max(1, expiration - System.currentTimeMillis()) : 0;
		MessageProducer producer = session.createProducer(destination(message, session));
		try {
			producer.setDeliveryDelay(this.pause.toMillis());
			producer.send(message, message.getJMSDeliveryMode(), message.getJMSPriority(), timeToLive);
		}
		finally {
			JmsUtils.closeMessageProducer(producer);
		}
	}

	/**
	 * Returns the destination that this container listens to, which may differ from the
	 * one that the message was first sent to.
	 */
	private Destination destination(Message message, Session session) throws JMSException {
		Destination destination = this.container.getDestination();
		String name = this.container.getDestinationName();
		if (destination == null && name != null && this.container.getDestinationResolver() != null) {
			destination = this.container.getDestinationResolver().resolveDestinationName(session, name, false);
		}
		return (destination != null) ? destination : message.getJMSDestination();
	}

	/**
	 * Saves the id of the message, because the broker gives it a new one when it is sent
	 * again. A reply refers to the first id.
	 */
	private static void identify(Message message) throws JMSException {
		String identity = JmsMessages.identity(message);
		if (message.getJMSReplyTo() != null && message.getJMSCorrelationID() == null) {
			message.setJMSCorrelationID(identity);
		}
		if (identity == null || identity.equals(message.getStringProperty(JmsMessages.ORIGINAL_ID))) {
			return;
		}
		Map<String, Object> properties = new LinkedHashMap<>();
		for (Enumeration<?> names = message.getPropertyNames(); names.hasMoreElements();) {
			String name = names.nextElement().toString();
			properties.put(name, message.getObjectProperty(name));
		}
		message.clearProperties();
		for (Map.Entry<String, Object> property : properties.entrySet()) {
			if (isOfApplication(property.getKey())) {
				message.setObjectProperty(property.getKey(), property.getValue());
			}
		}
		message.setStringProperty(JmsMessages.ORIGINAL_ID, identity);
	}

	/**
	 * Returns whether a property may be set by the application. Names that begin with JMS
	 * are reserved for providers, except those of message groups.
	 */
	private static boolean isOfApplication(String property) {
		return !property.startsWith("JMS") || property.startsWith("JMSXGroup");
	}

}
