package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.OutputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.FastByteArrayOutputStream;

/**
 * The bytes of a response that are not sent yet: the whole body while it is held, then at
 * most its last byte.
 */
final class ResponseBody {

	private static final int FIRST_SIZE = 1024;

	private static final byte[] NOTHING = {};

	private @Nullable FastByteArrayOutputStream bytes;

	int size() {
		return (this.bytes != null) ? this.bytes.size() : 0;
	}

	/**
	 * Holds further bytes.
	 * @param expected how long the body will be, or -1 if that is not known
	 */
	void add(byte[] source, int offset, int length, long expected) throws IOException {
		if (this.bytes == null) {
			long capacity = (expected >= length) ? expected : Math.max(length, FIRST_SIZE);
			this.bytes = new FastByteArrayOutputStream((int) Math.min(Math.max(capacity, 1), Integer.MAX_VALUE - 8));
		}
		this.bytes.write(source, offset, length);
	}

	/**
	 * Returns what is held, in an array that is not changed any more.
	 */
	byte[] toArray() {
		return (this.bytes != null) ? this.bytes.toByteArrayUnsafe() : NOTHING;
	}

	void clear() {
		this.bytes = null;
	}

	/**
	 * Lets another one hold what is held.
	 */
	void moveTo(ResponseBody other) {
		other.bytes = this.bytes;
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
	 * Sends what is held and all but the last of further bytes.
	 */
	void pass(byte[] source, int offset, int length, OutputStream container) throws IOException {
		sendTo(container);
		container.write(source, offset, length - 1);
		add(source, offset + length - 1, 1, 1);
	}

}
