package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

import jakarta.servlet.ServletInputStream;

/**
 * The body of a request. Its beginning can be read ahead, and is held in memory for the
 * next reader.
 */
final class HeldBody {

	/**
	 * How much of an unread body Tomcat reads before it closes the connection.
	 */
	private static final int MOST_SKIPPED = 2 * 1024 * 1024;

	private static final int MOST_SKIPPED_OF_RETRY = 16 * 1024 * 1024;

	private static final int FIRST_READ = 1024;

	/**
	 * The declared length is not trusted with more memory than this before bytes arrive.
	 */
	private static final int FIRST_SIZE = 16 * 1024;

	private static final byte[] NOTHING = {};

	private final long declaredLength;

	private final Source source;

	private byte[] start = NOTHING;

	private int position;

	private boolean complete;

	/**
	 * Creates a body that has not been read yet.
	 * @param declaredLength the length in bytes, or -1 if the client did not declare it
	 * @param source returns the stream when it is needed
	 */
	HeldBody(long declaredLength, Source source) {
		this.declaredLength = declaredLength;
		this.source = source;
		this.complete = declaredLength == 0;
	}

	/**
	 * Returns the first bytes, up to a length, and holds them for the next reader.
	 */
	byte[] start(int length) throws IOException {
		if (!this.complete && this.start.length < length) {
			hold(length);
		}
		return (this.start.length > length) ? Arrays.copyOf(this.start, length) : this.start;
	}

	private void hold(int length) throws IOException {
		InputStream rest = this.source.stream();
		int filled = this.start.length;
		byte[] bytes = Arrays.copyOf(this.start, nextSize(filled, length));
		while (filled < length && !this.complete) {
			if (filled == bytes.length) {
				bytes = Arrays.copyOf(bytes, nextSize(filled, length));
			}
			int read = rest.read(bytes, filled, bytes.length - filled);
			filled += Math.max(read, 0);
			this.complete = read < 0;
			if (filled == this.declaredLength && !this.complete) {
				// A filter may have inflated the body, which is then longer.
				int next = rest.read();
				this.complete = next < 0;
				if (!this.complete) {
					bytes = Arrays.copyOf(bytes, Math.max(bytes.length, filled + FIRST_READ));
					bytes[filled++] = (byte) next;
				}
			}
		}
		this.start = (filled == bytes.length) ? bytes : Arrays.copyOf(bytes, filled);
	}

	private int nextSize(int filled, int length) {
		long wanted = Math.max(2L * filled, FIRST_SIZE);
		return (int) Math.min((filled < this.declaredLength) ? Math.min(wanted, this.declaredLength) : wanted, length);
	}

	/**
	 * Returns whether everything that is held has been read.
	 */
	boolean isPassing() {
		return this.position == this.start.length;
	}

	boolean isComplete() {
		return this.complete;
	}

	int available() {
		return this.start.length - this.position;
	}

	/**
	 * Reads what is held, then the rest.
	 */
	int read(byte[] bytes, int offset, int length) throws IOException {
		if (isPassing()) {
			return this.source.stream().read(bytes, offset, length);
		}
		int count = Math.min(length, available());
		System.arraycopy(this.start, this.position, bytes, offset, count);
		this.position += count;
		return count;
	}

	/**
	 * Reads and discards the rest, as far as a container would. If more is left unread,
	 * the container closes the connection, and the client may not receive the response.
	 * For a retry with a declared length, the limit is higher: a handler has read the
	 * same body in the first request, and the client would otherwise miss the response of
	 * every retry.
	 * @param repeated whether a handler has read the same body before
	 */
	void skipRest(boolean repeated) throws IOException {
		long longest = repeated ? MOST_SKIPPED_OF_RETRY : MOST_SKIPPED;
		if (this.complete || this.declaredLength > longest) {
			return;
		}
		long most = (this.declaredLength >= 0) ? longest : MOST_SKIPPED;
		InputStream rest = this.source.stream();
		byte[] skipped = new byte[FIRST_READ];
		int read = 0;
		for (long total = this.start.length; read >= 0 && total < most; total += read) {
			read = rest.read(skipped);
		}
		this.complete = read < 0;
	}

	/**
	 * Returns the stream of a body.
	 */
	@FunctionalInterface
	interface Source {

		ServletInputStream stream() throws IOException;

	}

}
