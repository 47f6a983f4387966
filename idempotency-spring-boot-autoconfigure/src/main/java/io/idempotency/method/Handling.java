package io.idempotency.method;

import io.idempotency.method.IncomingMessage.Delivery;
import io.idempotency.method.IncomingMessage.Handled;
import org.jspecify.annotations.Nullable;

/**
 * A listener at work on a message, on one thread.
 */
final class Handling {

	private static final ThreadLocal<Handling> CURRENT = new ThreadLocal<>();

	private final IncomingMessage message;

	private final boolean refusesWithError;

	private boolean ran;

	private boolean replayed;

	private boolean givenBack;

	/**
	 * Creates the handling of a message.
	 * @param refusesWithError whether a call that is refused for now is to pass all that
	 * catches exceptions
	 */
	Handling(IncomingMessage message, boolean refusesWithError) {
		this.message = message;
		this.refusesWithError = refusesWithError;
	}

	/**
	 * Returns what the calling thread works on.
	 */
	static @Nullable Handling current() {
		return CURRENT.get();
	}

	IncomingMessage message() {
		return this.message;
	}

	<E extends Throwable> void run(Delivery<E> listener) throws E {
		CURRENT.set(this);
		try {
			listener.deliver();
		}
		finally {
			CURRENT.remove();
		}
	}

	/**
	 * Calls the method of the listener.
	 */
	<E extends Throwable> @Nullable Object call(IdempotentWork<?, E> method, Runner<E> runner) throws E {
		Object result;
		try {
			result = runner.run((context) -> {
				this.ran = true;
				Object returned = method.run(context);
				if (this.givenBack) {
					throw new GivenBack(returned);
				}
				return returned;
			});
		}
		catch (GivenBack ex) {
			return ex.returned;
		}
		catch (IdempotentCallException ex) {
			if (this.refusesWithError && ex.isTemporary()) {
				throw new RefusedForNow(ex);
			}
			throw ex;
		}
		this.replayed = !this.ran;
		return result;
	}

	void giveBack() {
		this.givenBack = true;
	}

	Handled handled() {
		return this.replayed ? Handled.DONE_BEFORE : Handled.DONE;
	}

	/**
	 * Runs a method, or gives what it ended with before.
	 */
	interface Runner<E extends Throwable> {

		@Nullable Object run(IdempotentWork<?, E> method) throws E;

	}

	/**
	 * Lets the work of a method that has given its message back end as if it had failed.
	 */
	private static final class GivenBack extends Error {

		private final transient @Nullable Object returned;

		GivenBack(@Nullable Object returned) {
			super("The message was given back", null, false, false);
			this.returned = returned;
		}

	}

	/**
	 * Carries a refusal past error handlers.
	 */
	private static final class RefusedForNow extends Error {

		RefusedForNow(IdempotentCallException refusal) {
			super(refusal.getMessage(), refusal, false, false);
		}

	}

}
