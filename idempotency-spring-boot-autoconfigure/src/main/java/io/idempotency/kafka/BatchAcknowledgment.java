package io.idempotency.kafka;

import java.time.Duration;
import java.util.List;

import org.springframework.kafka.support.Acknowledgment;

/**
 * Acknowledges what the listener was given, and what was processed before, but no record
 * that is to come again.
 */
final class BatchAcknowledgment implements Acknowledgment {

	private final Acknowledgment delegate;

	private final List<Integer> places;

	private final int end;

	private final int length;

	private int givenBack = -1;

	/**
	 * Creates an acknowledgment.
	 * @param delegate that of the whole batch
	 * @param places where the listener's records are in the batch
	 * @param end where the batch is cut off
	 * @param length how long it is
	 */
	BatchAcknowledgment(Acknowledgment delegate, List<Integer> places, int end, int length) {
		this.delegate = delegate;
		this.places = places;
		this.end = end;
		this.length = length;
	}

	/**
	 * The records of a batch that is cut off are acknowledged when it is.
	 */
	@Override
	public void acknowledge() {
		if (this.end == this.length) {
			this.delegate.acknowledge();
		}
	}

	@Override
	public void acknowledge(int index) {
		boolean last = index == this.places.size() - 1;
		this.delegate.acknowledge(last ? this.end - 1 : this.places.get(index));
	}

	@Override
	public void nack(int index, Duration sleep) {
		this.delegate.nack(this.places.get(index), sleep);
		this.givenBack = index;
	}

	@Override
	public boolean isOutOfOrderCommit() {
		return this.delegate.isOutOfOrderCommit();
	}

	boolean isGivenBack() {
		return this.givenBack >= 0;
	}

	/**
	 * Returns how many of the listener's records are not given back.
	 */
	int keptBeforeGivenBack() {
		return this.givenBack;
	}

}
