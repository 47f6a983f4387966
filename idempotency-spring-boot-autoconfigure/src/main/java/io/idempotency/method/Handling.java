package io.idempotency.method;

import io.idempotency.method.IncomingMessage.Delivery;
import io.idempotency.method.IncomingMessage.Handled;
import org.jspecify.annotations.Nullable;

/**
 * The handling of a message by a listener, on one thread.
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
	 * @param refusesWithError whether a temporary refusal of a call is thrown as an
	 * {@link Error}, so that handlers of exceptions do not catch it
	 */
	Handling(IncomingMessage message, boolean refusesWithError) {
		this.message = message;
		this.refusesWithError = refusesWithError;
	}

	/**
	 * Returns the handling on the calling thread, or {@code null} if there is none.
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
	 * Runs a method, or returns the result of an earlier run.
	 */
	interface Runner<E extends Throwable> {

		@Nullable Object run(IdempotentWork<?, E> method) throws E;

	}

	/**
	 * Thrown within the call of a method that gave its message back, so that the key is
	 * freed as if the method had failed.
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
