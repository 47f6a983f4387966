package io.idempotency.kafka;

import java.time.Duration;

import io.idempotency.method.IncomingMessage;

import org.springframework.kafka.support.Acknowledgment;

/**
 * Frees the key of a record that the listener gives back with {@link #nack}.
 *
 * @param delegate the acknowledgment of the container
 */
record RecordAcknowledgment(Acknowledgment delegate) implements Acknowledgment {

	@Override
	public void acknowledge() {
		this.delegate.acknowledge();
	}

	@Override
	public void nack(Duration sleep) {
		this.delegate.nack(sleep);
		IncomingMessage.giveBack();
	}

	@Override
	public boolean isOutOfOrderCommit() {
		return this.delegate.isOutOfOrderCommit();
	}

}
