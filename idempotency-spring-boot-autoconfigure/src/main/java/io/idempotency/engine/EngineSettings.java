package io.idempotency.engine;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How an engine keeps leases, outcomes and waiting requests.
 *
 * @param leaseDuration how long a lease lasts unless it is renewed
 * @param maxLease how long after its beginning the lease of a request is renewed no more,
 * or {@code null} if it is renewed until the request ends
 * @param takeOverAbandoned whether a request runs when the one before it lost its lease
 * without an end, instead of being refused
 * @param outcomeRetention how long an outcome is kept that the store does not take
 * @param retainedBytes how many bytes such outcomes may take; beyond, only the fact that
 * a request has completed is kept
 * @param maxWaiting how many requests may wait at once
 * @param maxWaitingBytes how much memory they may take
 */
public record EngineSettings(Duration leaseDuration, @Nullable Duration maxLease, boolean takeOverAbandoned,
		Duration outcomeRetention, long retainedBytes, int maxWaiting, long maxWaitingBytes) {

	private static final Duration OUTCOME_RETENTION = Duration.ofMinutes(10);

	/**
	 * Creates settings with the default bounds.
	 * @param leaseDuration how long a lease lasts unless it is renewed
	 * @param takeOverAbandoned whether a lapsed lease is taken over
	 */
	public EngineSettings(Duration leaseDuration, boolean takeOverAbandoned) {
		this(leaseDuration, null, takeOverAbandoned, OUTCOME_RETENTION, shareOfHeap(20), Integer.MAX_VALUE,
				shareOfHeap(4));
	}

	/**
	 * Returns a share of the largest heap.
	 * @param divisor which share
	 * @return the bytes
	 */
	public static long shareOfHeap(int divisor) {
		return Runtime.getRuntime().maxMemory() / divisor;
	}

}
