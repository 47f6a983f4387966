package io.idempotency.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes outcomes in plain form, optionally deflated.
 * <p>
 * Format 1 begins with the letters {@code IK}, the format version (1 byte) and the kind
 * (1 byte): 0 for {@link ResponseNotStored}, 1 for {@link StoredResponse}, 2 for a
 * response whose body is {@linkplain Deflated deflated}, 3 for {@link StoredResult} and 4
 * for a result whose JSON is deflated. It ends with the CRC-32C of all preceding bytes (4
 * bytes). All numbers are big-endian.
 * <p>
 * A response has the status (2 bytes), the number of headers (4 bytes), the name and the
 * value of each header, and the body. A result has a flag that says whether it was thrown
 * (1 byte), its type, its trace, and its JSON. Each text is UTF-8 and follows its length
 * (4 bytes); the length of a missing trace is -1. The body and the JSON follow their
 * length before they were deflated (4 bytes).
 * <p>
 * Later versions keep the first three bytes, so that an older application can report
 * which version it cannot read.
 */
final class PlainOutcomeCodec implements OutcomeCodec {

	private static final int VERSION = 1;

	private static final byte NOT_STORED = 0;

	private static final byte RESPONSE = 1;

	private static final byte DEFLATED_RESPONSE = 2;

	private static final byte RESULT = 3;

	private static final byte DEFLATED_RESULT = 4;

	private static final int HEAD = 4;

	/**
	 * The length of a missing text.
	 */
	private static final int NONE = -1;

	private final boolean deflates;

	/**
	 * Creates a codec.
	 * @param deflates whether to deflate bodies and results if this makes them shorter;
	 * deflated records are read in either case
	 */
	PlainOutcomeCodec(boolean deflates) {
		this.deflates = deflates;
	}

	@Override
	public byte[] encode(RecordKey key, Outcome outcome) {
		if (outcome instanceof StoredResponse response) {
			return encode(response);
		}
		if (outcome instanceof StoredResult result) {
			return encode(result);
		}
		return seal(start(NOT_STORED, 0));
	}

	private byte[] encode(StoredResponse response) {
		List<byte[]> texts = new ArrayList<>(2 * response.headers().size());
		int length = Short.BYTES + 2 * Integer.BYTES + response.body().length;
		for (StoredResponse.Header header : response.headers()) {
			byte[] name = header.name().getBytes(StandardCharsets.UTF_8);
			byte[] value = header.value().getBytes(StandardCharsets.UTF_8);
			texts.add(name);
			texts.add(value);
			length += 2 * Integer.BYTES + name.length + value.length;
		}
		ByteBuffer out = start(RESPONSE, length).putShort((short) response.status()).putInt(response.headers().size());
		texts.forEach((text) -> out.putInt(text.length).put(text));
		return seal(putBody(out, response.body(), DEFLATED_RESPONSE));
	}

	private byte[] encode(StoredResult result) {
		byte[] type = result.type().getBytes(StandardCharsets.UTF_8);
		byte[] trace = (result.traceId() != null) ? result.traceId().getBytes(StandardCharsets.UTF_8) : new byte[0];
		ByteBuffer out = start(RESULT, 1 + 3 * Integer.BYTES + type.length + trace.length + result.json().length)
			.put((byte) (result.thrown() ? 1 : 0))
			.putInt(type.length)
			.put(type)
			.putInt((result.traceId() != null) ? trace.length : NONE)
			.put(trace);
		return seal(putBody(out, result.json(), DEFLATED_RESULT));
	}

	private ByteBuffer putBody(ByteBuffer out, byte[] body, byte kindIfDeflated) {
		out.putInt(body.length);
		if (this.deflates && Deflated.deflate(body, out)) {
			return out.put(HEAD - 1, kindIfDeflated);
		}
		return out.put(body);
	}

	private static ByteBuffer start(byte kind, int length) {
		return ByteBuffer.allocate(HEAD + length + Integer.BYTES)
			.put((byte) 'I')
			.put((byte) 'K')
			.put((byte) VERSION)
			.put(kind);
	}

	private static byte[] seal(ByteBuffer out) {
		out.putInt(checksum(out.array(), out.position()));
		return out.hasRemaining() ? Arrays.copyOf(out.array(), out.position()) : out.array();
	}

	@Override
	public Outcome decode(RecordKey key, byte[] bytes) {
		if (bytes.length < 3 || bytes[0] != 'I' || bytes[1] != 'K') {
			throw new UnreadableRecordException("The record was not written by this library");
		}
		if (bytes[2] != VERSION) {
			throw new UnreadableRecordException("The record has format version " + (bytes[2] & 0xff)
					+ ", and this version of the library reads only version " + VERSION);
		}
		int length = bytes.length - Integer.BYTES;
		if (length < HEAD || ByteBuffer.wrap(bytes).getInt(length) != checksum(bytes, length)) {
			throw new UnreadableRecordException("The record is truncated or damaged");
		}
		ByteBuffer in = ByteBuffer.wrap(bytes, HEAD, length - HEAD);
		try {
			Outcome outcome = switch (bytes[HEAD - 1]) {
				case NOT_STORED -> new ResponseNotStored();
				case RESPONSE -> read(in, false);
				case DEFLATED_RESPONSE -> read(in, true);
				case RESULT -> readResult(in, false);
				case DEFLATED_RESULT -> readResult(in, true);
				default -> throw new UnreadableRecordException("The record is of an unknown kind");
			};
			if (in.hasRemaining()) {
				throw new UnreadableRecordException("The record has bytes after its end");
			}
			return outcome;
		}
		catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException ex) {
			throw new UnreadableRecordException("The record is inconsistent, or its response cannot be sent", ex);
		}
	}

	private static Outcome read(ByteBuffer in, boolean deflated) {
		int status = in.getShort() & 0xffff;
		int headerCount = in.getInt();
		if (headerCount < 0) {
			throw new IllegalArgumentException("A number of headers of " + headerCount);
		}
		List<StoredResponse.Header> headers = new ArrayList<>();
		for (int i = 0; i < headerCount; i++) {
			String name = Lengths.readText(in);
			headers.add(new StoredResponse.Header(name, Lengths.readText(in)));
		}
		StoredResponse response = new StoredResponse(status, headers, readBody(in, deflated));
		if (!response.headers().equals(headers)) {
			throw new IllegalArgumentException("A header that no server sends as it is");
		}
		return response;
	}

	private static StoredResult readResult(ByteBuffer in, boolean deflated) {
		byte thrown = in.get();
		if (thrown != 0 && thrown != 1) {
			throw new IllegalArgumentException("Neither thrown nor returned: " + thrown);
		}
		String type = Lengths.readText(in);
		String trace = null;
		if (in.getInt(in.position()) == NONE) {
			in.getInt();
		}
		else {
			trace = Lengths.readText(in);
		}
		return new StoredResult(thrown == 1, type, trace, readBody(in, deflated));
	}

	private static byte[] readBody(ByteBuffer in, boolean deflated) {
		return deflated ? Deflated.inflate(in.getInt(), in) : Lengths.readBytes(in);
	}

	private static int checksum(byte[] bytes, int length) {
		CRC32C checksum = new CRC32C();
		checksum.update(bytes, 0, length);
		return (int) checksum.getValue();
	}

}
