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
 * Tracks whether a store answers. After several failures without an answer in between,
 * the store is away: requests are refused at once until a probe finds that it is back.
 * <p>
 * A store that hangs must not block all request threads until the first of them gets a
 * timeout. Therefore only a limited number of requests call it at the same time. Other
 * requests wait for their turn as long as the store answers any request. They are refused
 * if no request was answered for a time that is much longer than the usual response time.
 * <p>
 * An outage is logged as one warning, and one line that reports its effects when it is
 * over, however many requests are affected.
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
	 * The usual response time in nanoseconds. It starts with a high value, because the
	 * first calls on new connections take longer.
	 */
	private volatile long usualAnswer = Duration.ofMillis(200).toNanos();

	private volatile long lastAnswer;

	/**
	 * When the store was last known to be back. Failures of calls that were made before
	 * are ignored.
	 */
	private volatile long since;

	/**
	 * Creates the health of a store that is assumed to answer.
	 * @param store the name of the store
	 * @param onSuspicion called when the store may be away, to check whether it is
	 * @param onAway called once each time the store goes away, to check when it is
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
	 * Returns the report that is logged when an outage is over.
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
	 * Calls the store for a request, unless the store is away or leaves the maximum
	 * number of concurrent calls unanswered.
	 * @throws StoreAwayException if the store was not called
	 */
	<T> T ask(Supplier<T> call) {
		if (isAway() || !awaitTurn()) {
			throw refusal();
		}
		try {
			if (isAway()) {
				// This request got its turn because earlier calls have timed out.
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
			// Unlike tryAcquire without a timeout, this does not overtake waiting
			// requests.
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
	 * Returns for how many nanoseconds the store may still leave all requests unanswered.
	 */
	private long patience(long began) {
		long answered = this.lastAnswer;
		long silentSince = (answered - began > 0) ? answered : began;
		return silentSince + LEAST_PATIENCE.toNanos() + PATIENCE_IN_ANSWERS * this.usualAnswer - nanoTime();
	}

	boolean isAway() {
		return this.away.get();
	}

	@SuppressWarnings("NonAtomicVolatileUpdate")
	void answered(long asked) {
		// An estimate: what two threads do at a time may count once.
		this.usualAnswer += (nanoTime() - asked - this.usualAnswer) / SMOOTHING;
		answers();
	}

	/**
	 * Records an answer whose response time is not typical, so that it does not count.
	 */
	void answers() {
		this.lastAnswer = nanoTime();
		if (!isAway() && this.failures.get() > 0 && this.failures.getAndSet(0) > 0) {
			tellBack();
		}
	}

	/**
	 * Records that the store did not answer a request.
	 * @param asked when the store was called
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
	 * Records a failure that may be caused by the store or by the data that it was given,
	 * and has this checked.
	 */
	void suspect() {
		if (!isAway()) {
			this.onSuspicion.run();
		}
	}

	/**
	 * Refuses all requests until the store is {@linkplain #back back}.
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
	 * Lets requests call the store again.
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
