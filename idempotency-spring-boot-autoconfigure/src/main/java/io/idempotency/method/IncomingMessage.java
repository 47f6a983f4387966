package io.idempotency.method;

import java.util.Map;

import io.idempotency.engine.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A message that is delivered to a listener.
 * <p>
 * Public for the integrations of message brokers; not intended for applications.
 *
 * @param entry the broker
 * @param identity the identifier of the message at the broker, or {@code null} if it has
 * none
 * @param headers the headers of the message, with text values as strings
 * @param payload the payload, as provided by the broker's client
 */
public record IncomingMessage(Entry entry, @Nullable String identity, Map<String, Object> headers,
		@Nullable Object payload) {

	/**
	 * The prefixes of CloudEvents attributes in the headers of Kafka, HTTP, AMQP 1.0, and
	 * of JMS and AMQP if header names cannot have a colon.
	 */
	private static final String[] CLOUD_EVENT = { "ce_", "ce-", "cloudEvents:", "cloudEvents_" };

	/**
	 * Limits the search, because the causes of an exception may form a cycle.
	 */
	private static final int MOST_CAUSES = 100;

	private static final String[] KEY_HEADERS = { "Idempotency-Key", "Idempotency_Key", "idempotencyKey" };

	/**
	 * Returns the message that the calling thread handles.
	 * @return the message, or {@code null} if there is none
	 */
	static @Nullable IncomingMessage current() {
		Handling handling = Handling.current();
		return (handling != null) ? handling.message() : null;
	}

	/**
	 * Delivers this message to a listener.
	 * @param <E> the type of exception that the listener may throw
	 * @param listener the listener
	 * @throws E if the listener throws it
	 */
	public <E extends Throwable> void deliver(Delivery<E> listener) throws E {
		new Handling(this, false).run(listener);
	}

	/**
	 * Delivers this message to a listener, and returns how the listener ended. If a call
	 * is refused temporarily, the listener ends with an {@link Error}. An exception would
	 * be treated as a failure of the listener: the advice and the adapters that
	 * containers put around a listener might answer it or swallow it, and acknowledge the
	 * message.
	 * @param <E> the type of exception that the listener may throw
	 * @param listener the listener
	 * @return how the listener ended
	 * @throws E if the listener throws it, unless a call was refused temporarily
	 */
	public <E extends Throwable> Handled handle(Delivery<E> listener) throws E {
		Handling handling = new Handling(this, true);
		try {
			handling.run(listener);
		}
		catch (Throwable ex) {
			if (isRefusalForNow(ex)) {
				return Handled.REFUSED_FOR_NOW;
			}
			throw ex;
		}
		return handling.handled();
	}

	/**
	 * Marks the message of the calling thread as given back by its listener, although the
	 * listener returns normally. The key is freed, so that the message is processed when
	 * it is delivered again.
	 */
	public static void giveBack() {
		Handling handling = Handling.current();
		if (handling != null) {
			handling.giveBack();
		}
	}

	/**
	 * Returns whether a call was refused temporarily: the call of the listener, or a call
	 * that the listener made.
	 */
	private static boolean isRefusalForNow(Throwable thrown) {
		Throwable cause = thrown;
		for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++) {
			if (cause instanceof IdempotentCallException refusal && refusal.isTemporary()) {
				return true;
			}
			cause = cause.getCause();
		}
		return false;
	}

	/**
	 * Returns the key of the message if the listener declares no expression for it: the
	 * source and the id of a CloudEvent, otherwise the value of an
	 * {@code Idempotency-Key} header, otherwise the identifier of the message at the
	 * broker.
	 */
	@Nullable String key() {
		for (String prefix : CLOUD_EVENT) {
			Object id = header(prefix + "id");
			if (id != null) {
				Object source = header(prefix + "source");
				return (source != null) ? source + " " + id : id.toString();
			}
		}
		for (String name : KEY_HEADERS) {
			Object key = header(name);
			if (key != null) {
				return key.toString();
			}
		}
		return this.identity;
	}

	private @Nullable Object header(String name) {
		Object exact = this.headers.get(name);
		if (exact != null) {
			return exact;
		}
		return this.headers.entrySet()
			.stream()
			.filter((header) -> header.getKey().equalsIgnoreCase(name))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Delivers a message to a listener.
	 *
	 * @param <E> the type of exception that the listener may throw
	 */
	@FunctionalInterface
	public interface Delivery<E extends Throwable> {

		/**
		 * Calls the listener.
		 * @throws E if the listener throws it
		 */
		void deliver() throws E;

	}

	/**
	 * How a listener ended that did not fail.
	 */
	public enum Handled {

		/**
		 * The listener processed the message.
		 */
		DONE,

		/**
		 * The message was processed before, and the listener did not run.
		 */
		DONE_BEFORE,

		/**
		 * The listener did not process the message, because another call with its key
		 * still runs, or because the store does not answer. The message must be delivered
		 * again.
		 */
		REFUSED_FOR_NOW

	}

}
