package io.idempotency.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the steps of a record into bytes to which each further step is appended, and
 * back, for stores that keep bytes. A step that was appended twice counts once, and one
 * whose predecessor is missing cannot be read.
 * <p>
 * Format 1 of a step, all numbers big-endian: the format version (1 byte), the position
 * (4), the time in milliseconds since 1970 (8), the name and the version as UTF-8 behind
 * their lengths (4), and what the {@link OutcomeCodec} made of the result behind its
 * length (4).
 */
public final class StepLog {

	private static final byte VERSION = 1;

	private final OutcomeCodec codec;

	/**
	 * Creates a log whose results a codec writes and reads.
	 * @param codec the store's own
	 */
	public StepLog(OutcomeCodec codec) {
		this.codec = codec;
	}

	/**
	 * Returns what is to be appended to the steps of a record.
	 * @param key the record
	 * @param step the step
	 * @return its bytes in the newest format
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
	 * @param bytes what was appended, one step after the other
	 * @return the steps in force, in the order of their positions
	 * @throws UnreadableRecordException if the bytes are anything else
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
	 * Ties a result to its step, so that an encrypted one cannot be put in another place.
	 */
	private static RecordKey keyOf(RecordKey record, String name) {
		return RecordKey.of("step of " + record.hex(), name);
	}

}
