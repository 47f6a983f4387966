package io.idempotency.store;

/**
 * Converts an {@link Outcome} to the bytes that a store keeps, and back. Implementations
 * must be thread-safe.
 */
public interface OutcomeCodec {

	/**
	 * Encodes an outcome.
	 * @param key the record that it belongs to
	 * @param outcome the outcome
	 * @return the bytes, in the latest format
	 */
	byte[] encode(RecordKey key, Outcome outcome);

	/**
	 * Decodes an outcome.
	 * @param key the record that it belongs to
	 * @param bytes what {@link #encode} returned for the record, in this version or an
	 * earlier one
	 * @return the outcome
	 * @throws UnreadableRecordException if the bytes cannot be decoded
	 */
	Outcome decode(RecordKey key, byte[] bytes);

	/**
	 * Returns the codec that writes outcomes in plain form: versioned bytes with a
	 * checksum, neither compressed nor encrypted.
	 * @return the codec
	 */
	static OutcomeCodec plain() {
		return new PlainOutcomeCodec(false);
	}

	/**
	 * Returns the codec that works like {@link #plain()} and also compresses bodies and
	 * results if this makes them shorter. Each of the two codecs reads what the other one
	 * has written. Do not encrypt the compressed bytes: their length reveals something
	 * about their content.
	 * @return the codec
	 */
	static OutcomeCodec deflating() {
		return new PlainOutcomeCodec(true);
	}

}
