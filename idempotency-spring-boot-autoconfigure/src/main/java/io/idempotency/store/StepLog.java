package io.idempotency.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Converts the steps of a record to bytes and back, for stores that keep bytes. Each
 * further step is appended to these bytes. A step that was appended twice counts once. If
 * the predecessor of a step is missing, the steps cannot be read.
 * <p>
 * Format 1 of a step has the format version (1 byte), the position (4 bytes), the time in
 * milliseconds since 1970 (8 bytes), the name and the version in UTF-8, and the result as
 * encoded by the {@link OutcomeCodec}. The name, the version and the result each follow
 * their length (4 bytes). All numbers are big-endian.
 */
public final class StepLog {

	private static final byte VERSION = 1;

	private final OutcomeCodec codec;

	/**
	 * Creates a log that uses a codec for the results of steps.
	 * @param codec the codec of the store
	 */
	public StepLog(OutcomeCodec codec) {
		this.codec = codec;
	}

	/**
	 * Returns the bytes to append to the steps of a record.
	 * @param key the record
	 * @param step the step
	 * @return the bytes of the step, in the latest format
	 */
	public byte[] encode(RecordKey key, StoredStep step) {
		byte[] name = step.name().getBytes(StandardCharsets.UTF_8);
		byte[] version = step.version().getBytes(StandardCharsets.UTF_8);
		byte[] result = this.codec.encode(keyOf(key, step.name()), step.result());
		return ByteBuffer
			.allocate(1 + Integer.BYTES + Long.BYTES + 3 * Integer.BYTES + name.length + version.length + result.length)
			.put(VERSION)
			.putInt(step.position())
			.putLong(step.takenAt().toEpochMilli())
			.putInt(name.length)
			.put(name)
			.putInt(version.length)
			.put(version)
			.putInt(result.length)
			.put(result)
			.array();
	}

	/**
	 * Reads the steps of a record.
	 * @param key the record
	 * @param bytes the appended steps, one after the other
	 * @return the steps in effect, in the order of their positions
	 * @throws UnreadableRecordException if the bytes cannot be decoded
	 */
	public List<StoredStep> decode(RecordKey key, byte[] bytes) {
		List<StoredStep> steps = new ArrayList<>();
		ByteBuffer in = ByteBuffer.wrap(bytes);
		try {
			while (in.hasRemaining()) {
				StoredStep step = read(key, in);
				if (step.position() > steps.size()) {
					throw new UnreadableRecordException("The steps of the record have a gap before " + step.name());
				}
				if (step.position() < steps.size()) {
					steps.subList(step.position(), steps.size()).clear();
				}
				steps.add(step);
			}
		}
		catch (BufferUnderflowException | IllegalArgumentException | DateTimeException ex) {
			throw new UnreadableRecordException("The steps of the record are truncated or damaged", ex);
		}
		return List.copyOf(steps);
	}

	private StoredStep read(RecordKey key, ByteBuffer in) {
		byte version = in.get();
		if (version != VERSION) {
			throw new UnreadableRecordException("The record has a step of format version " + (version & 0xff)
					+ ", and this version of the library reads only version " + VERSION);
		}
		int position = in.getInt();
		Instant takenAt = Instant.ofEpochMilli(in.getLong());
		String name = Lengths.readText(in);
		String versionOfHandler = Lengths.readText(in);
		Outcome result = this.codec.decode(keyOf(key, name), Lengths.readBytes(in));
		return new StoredStep(position, name, versionOfHandler, takenAt, result);
	}

	/**
	 * Returns a key that binds a result to its step, so that an encrypted result cannot
	 * be moved to another step.
	 */
	private static RecordKey keyOf(RecordKey record, String name) {
		return RecordKey.of("step of " + record.hex(), name);
	}

}
