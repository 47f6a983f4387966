package io.idempotency.store;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Compresses bytes with DEFLATE (RFC 1951).
 */
final class Deflated {

	/**
	 * Shorter input is not compressed, because it would hardly become shorter.
	 */
	private static final int LEAST = 128;

	/**
	 * The maximum number of bytes that DEFLATE can compress to one byte.
	 */
	private static final int MOST_PER_BYTE = 1032;

	private Deflated() {
	}

	/**
	 * Writes the compressed bytes if they are fewer than the input.
	 * @param out a buffer with room for the whole input
	 * @return whether the compressed bytes were written
	 */
	static boolean deflate(byte[] bytes, ByteBuffer out) {
		if (bytes.length < LEAST) {
			return false;
		}
		Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
		try {
			deflater.setInput(bytes);
			deflater.finish();
			int length = deflater.deflate(out.array(), out.position(), bytes.length - 1);
			if (deflater.finished()) {
				out.position(out.position() + length);
			}
			return deflater.finished();
		}
		finally {
			deflater.end();
		}
	}

	/**
	 * Reads compressed bytes.
	 * @param length the number of bytes before compression
	 * @throws IllegalArgumentException if the input does not have that many bytes
	 */
	static byte[] inflate(int length, ByteBuffer in) {
		if (length < 0 || length > (long) MOST_PER_BYTE * in.remaining()) {
			throw new IllegalArgumentException("A length of " + length + ", deflated to " + in.remaining());
		}
		byte[] bytes = new byte[length];
		Inflater inflater = new Inflater(true);
		try {
			inflater.setInput(in);
			if (inflater.inflate(bytes) != length || !isAtEnd(inflater)) {
				throw new IllegalArgumentException("Not what was deflated");
			}
			return bytes;
		}
		catch (DataFormatException ex) {
			throw new IllegalArgumentException("Not what was deflated", ex);
		}
		finally {
			inflater.end();
		}
	}

	/**
	 * Returns whether the compressed data has ended. The end marker may follow the last
	 * byte of the content, so this tries to read one more byte.
	 */
	private static boolean isAtEnd(Inflater inflater) throws DataFormatException {
		return inflater.finished() || (inflater.inflate(new byte[1]) == 0 && inflater.finished());
	}

}
