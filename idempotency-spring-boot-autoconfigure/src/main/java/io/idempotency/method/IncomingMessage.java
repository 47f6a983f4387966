package io.idempotency.method;

import java.util.Map;

import io.idempotency.engine.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A message that a listener is given.
 * <p>
 * Public for the integrations of message brokers; applications have no use for it.
 *
 * @param entry the broker
 * @param identity what the broker itself knows the message by, or {@code null} if it
 * knows it by nothing
 * @param headers the headers of the message; those that are texts as texts
 * @param payload the payload as the broker's client gives it
 */
public record IncomingMessage(Entry entry, @Nullable String identity, Map<String, Object> headers,
		@Nullable Object payload) {

	/**
	 * How CloudEvents name their attributes in the headers of Kafka, HTTP, AMQP 1.0, and
	 * JMS and AMQP where names have no colon.
	 */
	private static final String[] CLOUD_EVENT = { "ce_", "ce-", "cloudEvents:", "cloudEvents_" };

	/**
	 * The causes of an exception may go round in a circle.
	 */
	private static final int MOST_CAUSES = 100;

	private static final String[] KEY_HEADERS = { "Idempotency-Key", "Idempotency_Key", "idempotencyKey" };

	/**
	 * Returns the message that the calling thread works on.
	 * @return the message, or {@code null} if there is none
	 */
	static @Nullable IncomingMessage current() {
		Handling handling = Handling.current();
		return (handling != null) ? handling.message() : null;
	}

	/**
	 * Lets a listener work on this message.
	 * @param <E> what the listener may throw
	 * @param listener the listener
	 * @throws E if the listener does
	 */
	public <E extends Throwable> void deliver(Delivery<E> listener) throws E {
		new Handling(this, false).run(listener);
	}

	/**
	 * Lets a listener work on this message, and says how that has ended. A call that is
	 * refused for now ends the listener with an {@link Error}, since what containers put
	 * around a listener takes exceptions for its failure, answers or swallows them, and
	 * acknowledges the message.
	 * @param <E> what the listener may throw
	 * @param listener the listener
	 * @return how it has ended
	 * @throws E if the listener does, and not because a call was refused for now
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
	 * Says that the listener which the calling thread runs gives its message back,
	 * although it returns: its key is freed, so that the message runs when it comes
	 * again.
	 */
	public static void giveBack() {
		Handling handling = Handling.current();
		if (handling != null) {
			handling.giveBack();
		}
	}

	/**
	 * The listener's own call may be refused, or one of those that it makes.
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
	 * Returns the key of a message whose listener names none: the source and the id of a
	 * CloudEvent, else the value of an {@code Idempotency-Key} header, else what the
	 * broker knows the message by.
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
	 * Hands a message to a listener.
	 *
	 * @param <E> what the listener may throw
	 */
	@FunctionalInterface
	public interface Delivery<E extends Throwable> {

		/**
		 * Calls the listener.
		 * @throws E if it fails
		 */
		void deliver() throws E;

	}

	/**
	 * How a listener has ended that did not fail.
	 */
	public enum Handled {

		/**
		 * It has come to its end.
		 */
		DONE,

		/**
		 * It had worked on the message before, and did not run.
		 */
		DONE_BEFORE,

		/**
		 * It did not run to its end, since another call with its key still runs, or the
		 * store does not answer. The message is to come back.
		 */
		REFUSED_FOR_NOW

	}

}
