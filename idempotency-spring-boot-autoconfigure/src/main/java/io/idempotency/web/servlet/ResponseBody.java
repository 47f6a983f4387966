package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * The bytes of a response that are not sent yet: the whole body while it is held, then at
 * most its last byte.
 */
final class ResponseBody {

	private static final int FIRST_SIZE = 1024;

	private static final byte[] NOTHING = {};

	private byte[] bytes = NOTHING;

	private int size;

	int size() {
		return this.size;
	}

	/**
	 * Holds further bytes.
	 * @param expected how long the body will be, or -1 if that is not known
	 */
	void add(byte[] source, int offset, int length, long expected) {
		int needed = this.size + length;
		if (needed > this.bytes.length) {
			long doubled = Math.max(2L * this.bytes.length, FIRST_SIZE);
			long capacity = (this.size == 0 && expected >= needed) ? expected : Math.max(doubled, needed);
			this.bytes = Arrays.copyOf(this.bytes, (int) Math.min(capacity, Integer.MAX_VALUE - 8));
		}
		System.arraycopy(source, offset, this.bytes, this.size, length);
		this.size = needed;
	}

	/**
	 * Returns what is held, in an array that is not changed any more.
	 */
	byte[] toArray() {
		if (this.size < this.bytes.length) {
			this.bytes = Arrays.copyOf(this.bytes, this.size);
		}
		return this.bytes;
	}

	void clear() {
		this.bytes = NOTHING;
		this.size = 0;
	}

	/**
	 * Sends what is held.
	 */
	void sendTo(OutputStream container) throws IOException {
		container.write(this.bytes, 0, this.size);
		clear();
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
