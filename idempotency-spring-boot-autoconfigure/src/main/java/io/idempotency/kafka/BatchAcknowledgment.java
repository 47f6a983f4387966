package io.idempotency.kafka;

import java.time.Duration;
import java.util.List;

import org.springframework.kafka.support.Acknowledgment;

/**
 * Acknowledges the records that the listener was given and those that were already
 * processed, but no record that has to be delivered again.
 */
final class BatchAcknowledgment implements Acknowledgment {

	private final Acknowledgment delegate;

	private final List<Integer> places;

	private final int end;

	private final int length;

	private int givenBack = -1;

	/**
	 * Creates an acknowledgment.
	 * @param delegate the acknowledgment of the whole batch
	 * @param places the positions of the listener's records in the batch
	 * @param end the position at which the batch is cut off
	 * @param length the number of records in the batch
	 */
	BatchAcknowledgment(Acknowledgment delegate, List<Integer> places, int end, int length) {
		this.delegate = delegate;
		this.places = places;
		this.end = end;
		this.length = length;
	}

	/**
	 * Acknowledges the batch, unless it is cut off. The records before a cut are
	 * acknowledged when the container seeks back to the refused record.
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
	 * Returns how many of the listener's records come before the first one that was given
	 * back.
	 */
	int keptBeforeGivenBack() {
		return this.givenBack;
	}

}
