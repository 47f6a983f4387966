package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Whether a store answers. Once it has failed several times without an answer in between,
 * it is away: requests are refused at once, until a probe finds that it is back.
 * <p>
 * A store that hangs must not take all request threads before the first of them has
 * learned it by a timeout. So only so many ask it at once; others wait for their turn for
 * as long as it answers somebody. They are refused when nobody was answered for longer
 * than several of its usual answers would take, and a moment.
 * <p>
 * An outage is one warning and one line that tells what it did, however many requests it
 * meets.
 */
final class StoreHealth {

	private static final Log logger = LogFactory.getLog(StoreHealth.class);

	private static final int FAILURES_UNTIL_AWAY = 3;

	private static final int MOST_AT_ONCE = 64;

	private static final Duration LEAST_PATIENCE = Duration.ofMillis(500);

	private static final int PATIENCE_IN_ANSWERS = 10;

	private static final int SMOOTHING = 8;

	private final String store;

	private final Scheduling scheduling;

	private final Runnable onSuspicion;

	private final Runnable onAway;

	private final Semaphore turns = new Semaphore(MOST_AT_ONCE, true);

	private final AtomicInteger failures = new AtomicInteger();

	private final OutageReport report = new OutageReport();

	private final AtomicBoolean away = new AtomicBoolean();

	private final AtomicBoolean warned = new AtomicBoolean();

	/**
	 * A store that has just been connected to takes longer than usual.
	 */
	private volatile long usualAnswer = Duration.ofMillis(200).toNanos();

	private volatile long lastAnswer;

	/**
	 * Calls that were made before say nothing of the store that is back.
	 */
	private volatile long since;

	/**
	 * Creates the health of a store that is assumed to answer.
	 * @param store its name
	 * @param onSuspicion called when the store may be away, to find out whether it is
	 * @param onAway called once whenever the store goes away, to find out when it is
	 * {@linkplain #back back}
	 */
	StoreHealth(String store, Scheduling scheduling, Runnable onSuspicion, Runnable onAway) {
		this.store = store;
		this.scheduling = scheduling;
		this.onSuspicion = onSuspicion;
		this.onAway = onAway;
		this.lastAnswer = scheduling.nanoTime();
		this.since = this.lastAnswer;
	}

	/**
	 * Returns what the log tells of an outage when it is over.
	 */
	OutageReport report() {
		return this.report;
	}

	String store() {
		return this.store;
	}

	long nanoTime() {
		return this.scheduling.nanoTime();
	}

	/**
	 * Makes a call for a request, unless the store is away, or as many calls as may be
	 * under way get no answer.
	 * @throws StoreAwayException if the call was not made
	 */
	<T> T ask(Supplier<T> call) {
		if (isAway() || !awaitTurn()) {
			throw refusal();
		}
		try {
			if (isAway()) {
				// The turn came because the calls before have timed out.
				throw refusal();
			}
			return call.get();
		}
		finally {
			this.turns.release();
		}
	}

	private StoreAwayException refusal() {
		return new StoreAwayException("The idempotency store (" + this.store + ") does not answer");
	}

	private boolean awaitTurn() {
		long began = nanoTime();
		try {
			// Those that wait are not overtaken.
			for (long patience = 0; patience >= 0; patience = patience(began)) {
				if (this.turns.tryAcquire(patience, TimeUnit.NANOSECONDS)) {
					return true;
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return false;
	}

	/**
	 * Returns for how long the store may still be silent to all requests.
	 */
	private long patience(long began) {
		long answered = this.lastAnswer;
		long silentSince = (answered - began > 0) ? answered : began;
		return silentSince + LEAST_PATIENCE.toNanos() + PATIENCE_IN_ANSWERS * this.usualAnswer - nanoTime();
	}

	boolean isAway() {
		return this.away.get();
	}

	void answered(long asked) {
		this.usualAnswer += (nanoTime() - asked - this.usualAnswer) / SMOOTHING;
		answers();
	}

	/**
	 * Notes an answer that took longer than usual for a reason of its own.
	 */
	void answers() {
		this.lastAnswer = nanoTime();
		if (!isAway() && this.failures.get() > 0 && this.failures.getAndSet(0) > 0) {
			tellBack();
		}
	}

	/**
	 * Notes that the store did not answer to a request.
	 * @param asked when it was asked
	 */
	void failed(long asked, Throwable failure) {
		if (asked - this.since < 0) {
			return;
		}
		warn(failure);
		if (this.failures.incrementAndGet() >= FAILURES_UNTIL_AWAY) {
			away(failure);
		}
	}

	/**
	 * Notes that the store did not take something else, which may be its own fault or
	 * that of what it was given.
	 */
	void suspect() {
		if (!isAway()) {
			this.onSuspicion.run();
		}
	}

	/**
	 * Lets no request ask the store, until it is {@linkplain #back back}.
	 */
	void away(Throwable failure) {
		if (this.away.compareAndSet(false, true)) {
			warn(failure);
			this.onAway.run();
		}
	}

	private void warn(Throwable failure) {
		if (this.warned.compareAndSet(false, true)) {
			this.report.begin();
			logger.warn("The idempotency store (" + this.store + ") does not answer: " + failure);
		}
	}

	/**
	 * Lets requests ask the store again.
	 */
	void back() {
		this.failures.set(0);
		this.since = nanoTime();
		if (this.away.compareAndSet(true, false)) {
			tellBack();
		}
	}

	private void tellBack() {
		this.warned.set(false);
		logger.info("The idempotency store (" + this.store + ") answers again; " + this.report.end());
	}

}
