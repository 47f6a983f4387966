package io.idempotency.engine;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Settings of an engine for leases, outcomes and waiting requests.
 *
 * @param leaseDuration how long a lease lasts unless it is renewed
 * @param maxLease how long the lease of a request is renewed, counted from the start of
 * the request, or {@code null} to renew it until the request ends
 * @param takeOverAbandoned whether a request runs if the lease of the previous request
 * has lapsed without an outcome; otherwise it is refused
 * @param outcomeRetention how long an outcome that the store does not accept is kept in
 * memory
 * @param retainedBytes how many bytes these outcomes may take; when they take more, only
 * the fact that a request has completed is kept
 * @param maxWaiting how many requests may wait at the same time
 * @param maxWaitingBytes how many bytes of memory waiting requests may take
 */
public record EngineSettings(Duration leaseDuration, @Nullable Duration maxLease, boolean takeOverAbandoned,
		Duration outcomeRetention, long retainedBytes, int maxWaiting, long maxWaitingBytes) {

	private static final Duration OUTCOME_RETENTION = Duration.ofMinutes(10);

	/**
	 * Creates settings with the default limits.
	 * @param leaseDuration how long a lease lasts unless it is renewed
	 * @param takeOverAbandoned whether a lapsed lease is taken over
	 */
	public EngineSettings(Duration leaseDuration, boolean takeOverAbandoned) {
		this(leaseDuration, null, takeOverAbandoned, OUTCOME_RETENTION, shareOfHeap(20), Integer.MAX_VALUE,
				shareOfHeap(4));
	}

	/**
	 * Returns a fraction of the maximum heap size.
	 * @param divisor the number to divide the heap size by
	 * @return the number of bytes
	 */
	public static long shareOfHeap(int divisor) {
		return Runtime.getRuntime().maxMemory() / divisor;
	}

}
