package io.idempotency.engine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends the ends of requests to the store. They must not be lost if the store does not
 * answer for a while, so they are sent again in the background until the store has
 * answered or their deadline has passed.
 */
final class Settlement {

	private static final Log logger = LogFactory.getLog(Settlement.class);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	private static final Duration LAST_PAUSE = Duration.ofMillis(20);

	private static final int MOST_ENDS = 100_000;

	private final Queue<PendingEnd> pending = new ConcurrentLinkedQueue<>();

	/**
	 * The number of ends that are pending or are being sent again.
	 */
	private final AtomicInteger count = new AtomicInteger();

	private final AtomicLong bytes = new AtomicLong();

	private final AtomicBoolean scheduled = new AtomicBoolean();

	/**
	 * The last failure of an end that was sent again, or {@code null} if the store has
	 * accepted an end since then.
	 */
	private volatile @Nullable String refusal;

	private final AtomicBoolean toldOfRefusal = new AtomicBoolean();

	private final StoreHealth health;

	private final Scheduling scheduling;

	private final Scheduling.Lane lane;

	private final Duration pause;

	private final long mostBytes;

	Settlement(StoreHealth health, EngineSettings settings, Scheduling scheduling, Scheduling.Lane lane) {
		this.health = health;
		this.scheduling = scheduling;
		this.lane = lane;
		Duration tenth = settings.leaseDuration().dividedBy(10);
		this.pause = (tenth.compareTo(LONGEST_PAUSE) < 0) ? tenth : LONGEST_PAUSE;
		this.mostBytes = settings.retainedBytes();
	}

	/**
	 * Sends an end now, and again in the background if that fails. A store that is away
	 * is not called now. Failures of single ends are logged only at debug level, because
	 * the outage of the store is logged elsewhere.
	 */
	void settle(PendingEnd end) {
		if (!this.health.isAway()) {
			try {
				end.take();
				return;
			}
			catch (RuntimeException ex) {
				logger.debug("The store failed to " + end + "; it is tried again: " + ex);
			}
		}
		if (end.isOutcome()) {
			this.health.report().kept();
		}
		settleLater(end);
	}

	/**
	 * Sends an end in the background.
	 */
	void settleLater(PendingEnd end) {
		if (this.count.incrementAndGet() > MOST_ENDS) {
			this.count.decrementAndGet();
			giveUp(end, "too many others wait for the store");
			return;
		}
		boolean tooLong = this.bytes.addAndGet(end.bytes()) > this.mostBytes;
		keep(tooLong ? shortened(end) : end);
	}

	private PendingEnd shortened(PendingEnd end) {
		PendingEnd shortened = end.shortened();
		this.bytes.addAndGet(shortened.bytes() - end.bytes());
		return shortened;
	}

	private void keep(PendingEnd end) {
		this.pending.add(end);
		schedule();
	}

	private void forget(PendingEnd end) {
		this.bytes.addAndGet(-end.bytes());
		this.count.decrementAndGet();
	}

	private void schedule() {
		if (this.scheduled.compareAndSet(false, true)) {
			this.lane.schedule(this.pause, () -> {
				settlePending(this.scheduling.nanoTime() + LONGEST_PAUSE.toNanos());
				this.scheduled.set(false);
				if (!this.pending.isEmpty()) {
					schedule();
				}
				else {
					this.refusal = null;
					this.toldOfRefusal.set(false);
				}
			});
		}
	}

	/**
	 * Sends every pending end once, but stops if the store is away or the deadline has
	 * passed.
	 * @param deadline the time after which no further end is sent
	 */
	void settlePending(long deadline) {
		for (int left = this.count.get(); left > 0 && this.scheduling.nanoTime() - deadline < 0; left--) {
			PendingEnd end = this.pending.poll();
			if (end == null) {
				return;
			}
			if (this.scheduling.nanoTime() - end.deadline() > 0) {
				forget(end);
				giveUp(end, "idempotency.outcome-retention has passed");
			}
			else if (takeAgain(end)) {
				forget(end);
			}
			else {
				keep(isRefused(end) ? withoutOutcome(end) : end);
				if (this.health.isAway()) {
					return;
				}
			}
		}
	}

	private boolean takeAgain(PendingEnd end) {
		try {
			end.take();
		}
		catch (RuntimeException | Error ex) {
			logger.debug("The store failed again to " + end, ex);
			this.refusal = "failed again to " + end + ": " + ex;
			return false;
		}
		this.refusal = null;
		if (end.isOutcome()) {
			this.health.report().settled();
		}
		return true;
	}

	/**
	 * Returns whether a store that answers has refused an outcome for so long that the
	 * lease will lapse, so that a retry would run the handler again.
	 */
	private boolean isRefused(PendingEnd end) {
		return end.canBeShortened() && !this.health.isAway() && this.scheduling.nanoTime() - end.shortening() > 0;
	}

	private PendingEnd withoutOutcome(PendingEnd end) {
		logger.debug("The store answers, but has " + this.refusal + "; only that there is an outcome is stored");
		return shortened(end);
	}

	/**
	 * Logs a warning if the store answers but does not accept an end. After a warning,
	 * there is no other one until all ends are accepted.
	 */
	void storeAnswers() {
		String refusal = this.refusal;
		if (refusal != null && this.toldOfRefusal.compareAndSet(false, true)) {
			logger.warn("The idempotency store (" + this.health.store() + ") answers, but has " + refusal
					+ ". If it does not take the response before the lease lapses, retries are refused");
		}
	}

	private void giveUp(PendingEnd end, String reason) {
		if (end.isOutcome()) {
			this.health.report().givenUp();
			logger.warn("The store failed to " + end + ", which is given up because " + reason
					+ ": a retry may run the handler again");
		}
		end.givenUp().run();
	}

	/**
	 * Sends every pending end a last time, and waits for those that are being sent.
	 * @param patience the maximum time to wait
	 */
	void lastTry(Duration patience) {
		if (this.count.get() == 0) {
			return;
		}
		CompletableFuture<Void> settled = new CompletableFuture<>();
		settleUntil(this.scheduling.nanoTime() + patience.toNanos(), Duration.ZERO, settled);
		try {
			settled.get(patience.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.debug("The last try did not finish in time", ex);
		}
		if (this.count.get() > 0) {
			logger.warn(this.count.get() + " requests have ended, but their ends could not be stored");
		}
	}

	private void settleUntil(long deadline, Duration delay, CompletableFuture<Void> settled) {
		this.lane.schedule(delay, () -> {
			settlePending(deadline);
			if (this.count.get() == 0 || this.health.isAway()) {
				settled.complete(null);
			}
			else {
				settleUntil(deadline, LAST_PAUSE, settled);
			}
		});
	}

}
