package io.idempotency.store;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Makes bytes fewer by DEFLATE (RFC 1951).
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
	 * Writes fewer bytes than there are, if that can be done.
	 * @param out has room for all of them
	 * @return whether anything was written
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
	 * Reads what was deflated.
	 * @param length how many bytes there were
	 * @throws IllegalArgumentException if there were not
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
	 * Behind the last byte there may still be what says that it is the last one.
	 */
	private static boolean isAtEnd(Inflater inflater) throws DataFormatException {
		return inflater.finished() || (inflater.inflate(new byte[1]) == 0 && inflater.finished());
	}

}
