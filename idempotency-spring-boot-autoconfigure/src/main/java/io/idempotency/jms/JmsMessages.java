package io.idempotency.jms;

import java.util.LinkedHashMap;
import java.util.Map;

import io.idempotency.engine.Entry;
import io.idempotency.method.IncomingMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import org.jspecify.annotations.Nullable;

import org.springframework.jms.support.JmsHeaderMapper;
import org.springframework.jms.support.SimpleJmsHeaderMapper;
import org.springframework.messaging.MessageHeaders;

/**
 * Reads the identity and the headers of JMS messages.
 */
final class JmsMessages {

	/**
	 * The message property with the id that a message had before it was sent again. Names
	 * of JMS properties must be Java identifiers.
	 */
	static final String ORIGINAL_ID = "idempotencyOriginalMessageId";

	private static final JmsHeaderMapper HEADERS = new SimpleJmsHeaderMapper();

	private JmsMessages() {
	}

	static IncomingMessage incoming(Message message) throws JMSException {
		return new IncomingMessage(Entry.JMS, identity(message), headers(message), message);
	}

	static @Nullable String identity(Message message) throws JMSException {
		String original = message.getStringProperty(ORIGINAL_ID);
		return (original != null) ? original : message.getJMSMessageID();
	}

	/**
	 * Returns the headers under the names that listeners use, without those that Spring
	 * generates for each delivery.
	 */
	private static Map<String, Object> headers(Message message) throws JMSException {
		Map<String, Object> headers = new LinkedHashMap<>(HEADERS.toHeaders(message));
		for (String made : new String[] { MessageHeaders.ID, MessageHeaders.TIMESTAMP }) {
			headers.remove(made);
			if (message.propertyExists(made)) {
				headers.put(made, message.getObjectProperty(made));
			}
		}
		return headers;
	}

}
