package io.idempotency.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Makes bytes fewer: the length that they had (4 bytes), then what DEFLATE makes of them
 * (RFC 1951).
 */
final class Deflated {

	/**
	 * What is shorter would hardly become shorter.
	 */
	private static final int LEAST = 128;

	/**
	 * How many bytes DEFLATE makes one of at most.
	 */
	private static final int MOST_PER_BYTE = 1032;

	private Deflated() {
	}

	/**
	 * Returns fewer bytes, or the same if that cannot be done.
	 */
	static byte[] deflate(byte[] bytes) {
		if (bytes.length < LEAST) {
			return bytes;
		}
		byte[] deflated = new byte[bytes.length];
		ByteBuffer.wrap(deflated).putInt(bytes.length);
		Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
		try {
			deflater.setInput(bytes);
			deflater.finish();
			int length = deflater.deflate(deflated, Integer.BYTES, deflated.length - Integer.BYTES);
			return deflater.finished() ? Arrays.copyOf(deflated, Integer.BYTES + length) : bytes;
		}
		finally {
			deflater.end();
		}
	}

	/**
	 * Returns what was deflated.
	 * @throws IllegalArgumentException if nothing was
	 */
	static ByteBuffer inflate(ByteBuffer deflated) {
		int length = deflated.getInt();
		if (length < 0 || length > (long) MOST_PER_BYTE * deflated.remaining()) {
			throw new IllegalArgumentException("A length of " + length + ", deflated to " + deflated.remaining());
		}
		// It shows only behind the last byte that no other one comes.
		byte[] bytes = new byte[length + 1];
		Inflater inflater = new Inflater(true);
		try {
			inflater.setInput(deflated);
			if (inflater.inflate(bytes) != length || !inflater.finished() || deflated.hasRemaining()) {
				throw new IllegalArgumentException("Not what was deflated");
			}
			return ByteBuffer.wrap(bytes, 0, length);
		}
		catch (DataFormatException ex) {
			throw new IllegalArgumentException("Not what was deflated", ex);
		}
		finally {
			inflater.end();
		}
	}

}
