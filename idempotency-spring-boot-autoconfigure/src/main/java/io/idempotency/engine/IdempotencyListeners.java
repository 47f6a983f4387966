package io.idempotency.engine;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Notifies all listeners, even if one of them throws an exception.
 */
public final class IdempotencyListeners {

	private static final Log logger = LogFactory.getLog(IdempotencyListeners.class);

	private final List<IdempotencyListener> listeners;

	/**
	 * Creates the listeners.
	 * @param listeners the listeners, in the order in which they are called
	 */
	public IdempotencyListeners(List<IdempotencyListener> listeners) {
		this.listeners = List.copyOf(listeners);
	}

	/**
	 * Returns whether any listener or the log is interested in events.
	 * @return {@code false} if an event need not be created
	 */
	public boolean listen() {
		return !this.listeners.isEmpty() || logger.isDebugEnabled();
	}

	/**
	 * Notifies the listeners of the outcome of a request, and logs it.
	 * @param event the outcome of the request
	 */
	public void onRequest(IdempotencyEvent event) {
		if (logger.isDebugEnabled()) {
			logger.debug(event.operation() + ": " + event.outcome() + ", record " + event.recordKey());
		}
		tell((listener) -> listener.onRequest(event));
	}

	/**
	 * Notifies the listeners of a request that continues after the steps of an earlier
	 * one, and logs it.
	 * @param attempt the request
	 */
	public void onResumed(ResumedAttempt attempt) {
		if (logger.isDebugEnabled()) {
			logger.debug(attempt.operation() + ": resumes after " + attempt.steps() + " steps, record "
					+ attempt.recordKey());
		}
		tell((listener) -> listener.onResumed(attempt));
	}

	/**
	 * Notifies the listeners that a step was taken or resumed.
	 * @param event the step
	 */
	public void onStep(StepEvent event) {
		tell((listener) -> listener.onStep(event));
	}

	/**
	 * Notifies the listeners that a request has stopped waiting.
	 * @param waited how long the request has waited
	 */
	public void onWaited(Duration waited) {
		tell((listener) -> listener.onWaited(waited));
	}

	/**
	 * Notifies the listeners that expired records were removed.
	 * @param records the number of records
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
