package io.idempotency.engine;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells all listeners, whatever one of them throws.
 */
public final class IdempotencyListeners {

	private static final Log logger = LogFactory.getLog(IdempotencyListeners.class);

	private final List<IdempotencyListener> listeners;

	/**
	 * Creates the listeners.
	 * @param listeners whom to tell, in this order
	 */
	public IdempotencyListeners(List<IdempotencyListener> listeners) {
		this.listeners = List.copyOf(listeners);
	}

	/**
	 * Returns whether anybody is to know what becomes of requests.
	 * @return {@code false} if an event need not be made
	 */
	public boolean listen() {
		return !this.listeners.isEmpty() || logger.isDebugEnabled();
	}

	/**
	 * Tells what became of a request, and logs it.
	 * @param event what became of it
	 */
	public void onRequest(IdempotencyEvent event) {
		if (logger.isDebugEnabled()) {
			logger.debug(event.operation() + ": " + event.outcome() + ", record " + event.recordKey());
		}
		tell((listener) -> listener.onRequest(event));
	}

	/**
	 * Tells that a request goes on with steps of earlier ones, and logs it.
	 * @param attempt the request
	 */
	public void onResumed(ResumedAttempt attempt) {
		if (logger.isDebugEnabled()) {
			logger.debug(attempt.operation() + ": resumes behind " + attempt.steps() + " steps, record "
					+ attempt.recordKey());
		}
		tell((listener) -> listener.onResumed(attempt));
	}

	/**
	 * Tells that a step was taken or resumed.
	 * @param event the step
	 */
	public void onStep(StepEvent event) {
		tell((listener) -> listener.onStep(event));
	}

	/**
	 * Tells that a request waits no more.
	 * @param waited how long it did
	 */
	public void onWaited(Duration waited) {
		tell((listener) -> listener.onWaited(waited));
	}

	/**
	 * Tells that expired records were removed.
	 * @param records how many
	 */
	public void onPurged(int records) {
		tell((listener) -> listener.onPurged(records));
	}

	private void tell(Consumer<IdempotencyListener> news) {
		for (IdempotencyListener listener : this.listeners) {
			try {
				news.accept(listener);
			}
			catch (RuntimeException ex) {
				logger.warn("A listener failed: " + listener, ex);
			}
		}
	}

}
