package io.idempotency.kafka;

import java.util.ArrayList;
import java.util.List;

import io.idempotency.method.IdempotentCallException;
import io.idempotency.method.MessageClaims;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.kafka.support.Acknowledgment;

/**
 * Processes one delivery of a batch. The records are claimed in order until one is
 * refused. The listener gets the claimed records, without those that were already
 * processed.
 *
 * @param <K> the type of keys of records
 * @param <V> the type of values of records
 */
final class BatchTurn<K, V> {

	private final MessageClaims claims;

	private final List<ConsumerRecord<K, V>> records;

	private final @Nullable Acknowledgment acknowledgment;

	private final BatchCut cut;

	/**
	 * The positions in the batch of the records that the listener gets.
	 */
	private final List<Integer> places = new ArrayList<>();

	private @Nullable IdempotentCallException refusal;

	BatchTurn(MessageClaims claims, List<ConsumerRecord<K, V>> records, @Nullable Acknowledgment acknowledgment,
			BatchCut cut) {
		this.claims = claims;
		this.records = records;
		this.acknowledgment = acknowledgment;
		this.cut = cut;
	}

	void run(Listener<K, V> listener) {
		this.cut.begin();
		int end = claimUntilRefused(this.cut.lengthOf(this.records));
		BatchAcknowledgment guarded = (this.acknowledgment != null)
				? new BatchAcknowledgment(this.acknowledgment, this.places, end, this.records.size()) : null;
		if (!this.places.isEmpty()) {
			deliver(listener, guarded);
		}
		else if (guarded != null) {
			guarded.acknowledge();
		}
		if (guarded == null || !guarded.isGivenBack()) {
			refuse(end);
		}
	}

	private int claimUntilRefused(int length) {
		try {
			for (int i = 0; i < length; i++) {
				if (!claim(i)) {
					return i;
				}
			}
			return length;
		}
		catch (RuntimeException | Error ex) {
			this.claims.settle(0);
			throw ex;
		}
	}

	private boolean claim(int place) {
		ConsumerRecord<K, V> record = this.records.get(place);
		try {
			if (this.claims.claim(KafkaMessages.of(record))) {
				this.places.add(place);
			}
			return true;
		}
		catch (IdempotentCallException ex) {
			this.refusal = ex;
			if (ex.isTemporary()) {
				this.cut.at(record);
			}
			return false;
		}
	}

	private void deliver(Listener<K, V> listener, @Nullable BatchAcknowledgment guarded) {
		List<ConsumerRecord<K, V>> claimed = this.places.stream().map(this.records::get).toList();
		int processed = 0;
		try {
			this.claims.deliver(() -> listener.onMessage(new ArrayList<>(claimed), guarded));
			processed = (guarded != null && guarded.isGivenBack()) ? guarded.keptBeforeGivenBack() : claimed.size();
		}
		catch (RuntimeException ex) {
			int failed = failed(ex, claimed);
			processed = Math.max(failed, 0);
			if (failed >= 0 && this.places.get(failed) != failed) {
				throw new BatchListenerFailedException("The listener failed for", ex, claimed.get(failed));
			}
			throw ex;
		}
		finally {
			this.claims.settle(processed);
		}
	}

	/**
	 * Returns the index of the record that failed, as reported by the listener.
	 * @return the index, or -1 if the listener has not reported one
	 */
	private static int failed(Throwable thrown, List<? extends ConsumerRecord<?, ?>> claimed) {
		Throwable cause = thrown;
		for (int depth = 0; cause != null && depth < 20; depth++) {
			if (cause instanceof BatchListenerFailedException failure) {
				ConsumerRecord<?, ?> record = failure.getRecord();
				int index = (record != null) ? BatchCut.indexOf(record, claimed) : failure.getIndex();
				return (index < claimed.size()) ? index : -1;
			}
			cause = cause.getCause();
		}
		return -1;
	}

	/**
	 * Throws an exception if a record was refused. While an error is handled, no
	 * exception is thrown for a record that is refused for now, because the container
	 * already knows that the batch ends before it.
	 */
	private void refuse(int end) {
		if (this.refusal == null) {
			return;
		}
		ConsumerRecord<K, V> record = this.records.get(end);
		if (!this.refusal.isTemporary()) {
			throw new BatchListenerFailedException(String.valueOf(this.refusal.getMessage()), this.refusal, record);
		}
		if (!this.cut.isHandling()) {
			throw new RefusedRecordException(record);
		}
	}

	/**
	 * Receives the records of a batch.
	 *
	 * @param <K> the type of keys of records
	 * @param <V> the type of values of records
	 */
	@FunctionalInterface
	interface Listener<K, V> {

		void onMessage(List<ConsumerRecord<K, V>> records, @Nullable Acknowledgment acknowledgment);

	}

}
