package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.OutputStream;

import io.idempotency.web.gate.Hold;
import org.jspecify.annotations.Nullable;

import org.springframework.util.FastByteArrayOutputStream;

/**
 * The bytes of a response that are not sent yet: the whole body while it is held, then at
 * most its last byte.
 */
final class ResponseBody {

	private static final int FIRST_SIZE = 1024;

	private static final byte[] NOTHING = {};

	private static final Hold LAST_BYTE = Hold.upTo(1);

	private @Nullable FastByteArrayOutputStream bytes;

	private @Nullable ResponseTooLongException tooLong;

	int size() {
		return (this.bytes != null) ? this.bytes.size() : 0;
	}

	/**
	 * Holds further bytes.
	 * @param expected how long the body will be, or -1 if that is not known
	 * @throws ResponseTooLongException if the body is longer than may be held; also on
	 * later calls until it is cleared
	 */
	void add(byte[] source, int offset, int length, long expected, Hold hold) throws IOException {
		if (hold.strict() && !hold.holds(Math.max(size() + (long) length, expected))) {
			clear();
			this.tooLong = new ResponseTooLongException(hold.limit());
		}
		requireNotTooLong();
		if (this.bytes == null) {
			boolean believed = expected >= length && hold.holds(expected);
			this.bytes = new FastByteArrayOutputStream(
					believed ? (int) Math.max(expected, 1) : Math.max(length, FIRST_SIZE));
		}
		this.bytes.write(source, offset, length);
	}

	private void requireNotTooLong() {
		if (this.tooLong != null) {
			throw this.tooLong;
		}
	}

	/**
	 * Returns what is held, in an array that is not changed later.
	 * @throws ResponseTooLongException if the body was too long to be held
	 */
	byte[] toArray() {
		requireNotTooLong();
		return (this.bytes != null) ? this.bytes.toByteArrayUnsafe() : NOTHING;
	}

	void clear() {
		this.bytes = null;
		this.tooLong = null;
	}

	/**
	 * Moves what is held to another body.
	 */
	void moveTo(ResponseBody other) {
		other.bytes = this.bytes;
		other.tooLong = this.tooLong;
		clear();
	}

	/**
	 * Sends what is held.
	 */
	void sendTo(OutputStream container) throws IOException {
		if (this.bytes != null) {
			this.bytes.writeTo(container);
			clear();
		}
	}

	/**
	 * Sends what is held and further bytes, except for the last byte.
	 */
	void pass(byte[] source, int offset, int length, OutputStream container) throws IOException {
		sendTo(container);
		container.write(source, offset, length - 1);
		add(source, offset + length - 1, 1, 1, LAST_BYTE);
	}

}
