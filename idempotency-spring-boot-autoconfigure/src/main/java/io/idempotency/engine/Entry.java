package io.idempotency.engine;

/**
 * The ways in which a request enters the application.
 */
public enum Entry {

	/**
	 * An HTTP request.
	 */
	HTTP,

	/**
	 * A call of a method or of a template.
	 */
	METHOD,

	/**
	 * A Kafka record.
	 */
	KAFKA,

	/**
	 * A RabbitMQ message.
	 */
	RABBIT,

	/**
	 * A JMS message.
	 */
	JMS

}
