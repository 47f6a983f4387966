package io.idempotency.store;

/**
 * Turns an {@link Outcome} into the bytes that a store keeps, and back. Safe for use by
 * many threads.
 */
public interface OutcomeCodec {

	/**
	 * Encodes an outcome.
	 * @param key the record that it belongs to
	 * @param outcome the outcome
	 * @return its bytes in the newest format
	 */
	byte[] encode(RecordKey key, Outcome outcome);

	/**
	 * Decodes an outcome.
	 * @param key the record that it belongs to
	 * @param bytes what {@link #encode} returned for the record, in this version or an
	 * earlier one
	 * @return the outcome
	 * @throws UnreadableRecordException if the bytes are anything else
	 */
	Outcome decode(RecordKey key, byte[] bytes);

	/**
	 * Returns the codec that keeps outcomes readable: versioned bytes with a checksum.
	 * @return the codec
	 */
	static OutcomeCodec plain() {
		return new PlainOutcomeCodec(false);
	}

	/**
	 * Returns the codec that does the same, and deflates responses that become shorter by
	 * it. Each of the two reads what the other one has written. Not to be encrypted: how
	 * short a response becomes tells something of what is in it.
	 * @return the codec
	 */
	static OutcomeCodec deflating() {
		return new PlainOutcomeCodec(true);
	}

}
