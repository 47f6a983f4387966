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
 * Sends messages again that are to come back after a pause. JMS knows no other way that
 * neither counts as a failed delivery nor keeps a consumer waiting.
 * <p>
 * It is sent in the session that has received it, so that in a transacted session either
 * both is done, to send and to acknowledge, or nothing.
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
	 * It comes back to where this container listens, wherever it was sent to at first.
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
	 * The broker gives it another id. A reply is to name the first one.
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
	 * Names that begin with JMS belong to providers, but for the groups of messages.
	 */
	private static boolean isOfApplication(String property) {
		return !property.startsWith("JMS") || property.startsWith("JMSXGroup");
	}

}
