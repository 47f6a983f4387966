package io.idempotency.rabbit;

import java.util.LinkedHashMap;
import java.util.Map;

import io.idempotency.engine.Entry;
import io.idempotency.method.IncomingMessage;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.support.AmqpHeaderMapper;
import org.springframework.amqp.support.SimpleAmqpHeaderMapper;
import org.springframework.messaging.MessageHeaders;

/**
 * Converts RabbitMQ messages to {@link IncomingMessage}s.
 */
final class RabbitMessages {

	private static final AmqpHeaderMapper HEADERS = new SimpleAmqpHeaderMapper();

	private RabbitMessages() {
	}

	static IncomingMessage incoming(Message message) {
		MessageProperties properties = message.getMessageProperties();
		return new IncomingMessage(Entry.RABBIT, properties.getMessageId(), headers(properties), message.getBody());
	}

	/**
	 * Returns the headers by the names that listeners know, without the headers that are
	 * generated for each delivery.
	 */
	private static Map<String, Object> headers(MessageProperties properties) {
		Map<String, Object> headers = new LinkedHashMap<>(HEADERS.toHeaders(properties));
		headers.remove(MessageHeaders.ID);
		headers.remove(MessageHeaders.TIMESTAMP);
		headers.putAll(properties.getHeaders());
		return headers;
	}

}
