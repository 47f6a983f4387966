package io.idempotency.engine;

/**
 * How a request came into the application.
 */
public enum Entry {

	/**
	 * As an HTTP request.
	 */
	HTTP,

	/**
	 * As a call of a method or of a template.
	 */
	METHOD,

	/**
	 * As a record of Kafka.
	 */
	KAFKA,

	/**
	 * As a message of RabbitMQ.
	 */
	RABBIT,

	/**
	 * As a JMS message.
	 */
	JMS

}
