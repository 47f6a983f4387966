package io.idempotency.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Keeps outcomes readable.
 * <p>
 * Format 1, all numbers big-endian: the letters {@code IK}, the format version (1 byte),
 * the kind (1 byte; 0 for {@link ResponseNotStored}, 1 for {@link StoredResponse}); for a
 * response then the status (2 bytes), the number of headers (4), each header's name and
 * value as UTF-8 behind its length (4), the body behind its length (4); last the CRC-32C
 * of all that (4). A later version keeps the first three bytes, so that an older
 * application can say what it has met.
 */
final class PlainOutcomeCodec implements OutcomeCodec {

	private static final int VERSION = 1;

	private static final int NOT_STORED = 0;

	private static final int RESPONSE = 1;

	@Override
	public byte[] encode(RecordKey key, Outcome outcome) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (DataOutputStream out = new DataOutputStream(bytes)) {
			out.writeByte('I');
			out.writeByte('K');
			out.writeByte(VERSION);
			if (outcome instanceof StoredResponse response) {
				out.writeByte(RESPONSE);
				writeResponse(response, out);
			}
			else {
				out.writeByte(NOT_STORED);
			}
			out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
		}
		catch (IOException ex) {
			throw new IllegalStateException("A byte array does not fail", ex);
		}
		return bytes.toByteArray();
	}

	private static void writeResponse(StoredResponse response, DataOutputStream out) throws IOException {
		out.writeShort(response.status());
		out.writeInt(response.headers().size());
		for (StoredResponse.Header header : response.headers()) {
			writeBytes(header.name().getBytes(StandardCharsets.UTF_8), out);
			writeBytes(header.value().getBytes(StandardCharsets.UTF_8), out);
		}
		writeBytes(response.body(), out);
	}

	private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
		out.writeInt(bytes.length);
		out.write(bytes);
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
		if (length < 4 || ByteBuffer.wrap(bytes).getInt(length) != checksum(bytes, length)) {
			throw new UnreadableRecordException("The record is truncated or damaged");
		}
		try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 3, length - 3))) {
			Outcome outcome = switch (in.readByte()) {
				case NOT_STORED -> new ResponseNotStored();
				case RESPONSE -> readResponse(in);
				default -> throw new UnreadableRecordException("The record is of an unknown kind");
			};
			if (in.available() > 0) {
				throw new UnreadableRecordException("The record has bytes behind its end");
			}
			return outcome;
		}
		catch (IOException | IllegalArgumentException ex) {
			throw new UnreadableRecordException("The record contradicts itself, or holds no response that can be sent",
					ex);
		}
	}

	private static StoredResponse readResponse(DataInputStream in) throws IOException {
		int status = in.readUnsignedShort();
		int headerCount = in.readInt();
		if (headerCount < 0) {
			throw new IOException("A number of headers of " + headerCount);
		}
		List<StoredResponse.Header> headers = new ArrayList<>();
		for (int i = 0; i < headerCount; i++) {
			String name = new String(readBytes(in), StandardCharsets.UTF_8);
			headers.add(new StoredResponse.Header(name, new String(readBytes(in), StandardCharsets.UTF_8)));
		}
		StoredResponse response = new StoredResponse(status, headers, readBytes(in));
		if (!response.headers().equals(headers)) {
			throw new IOException("A header that no server sends as it is");
		}
		return response;
	}

	private static byte[] readBytes(DataInputStream in) throws IOException {
		int length = in.readInt();
		if (length < 0 || length > in.available()) {
			throw new IOException("A length of " + length + " with " + in.available() + " bytes left");
		}
		return in.readNBytes(length);
	}

	private static int checksum(byte[] bytes, int length) {
		CRC32C checksum = new CRC32C();
		checksum.update(bytes, 0, length);
		return (int) checksum.getValue();
	}

}
