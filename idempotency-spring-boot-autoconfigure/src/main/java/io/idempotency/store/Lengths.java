package io.idempotency.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads what stands behind its length, of four bytes.
 */
final class Lengths {

	private Lengths() {
	}

	/**
	 * Reads a text in UTF-8.
	 * @throws IllegalArgumentException if it is longer than what is left
	 * @throws BufferUnderflowException if its length is missing
	 */
	static String readText(ByteBuffer in) {
		return new String(readBytes(in), StandardCharsets.UTF_8);
	}

	/**
	 * Reads bytes.
	 * @throws IllegalArgumentException if they are more than what is left
	 * @throws BufferUnderflowException if their length is missing
	 */
	static byte[] readBytes(ByteBuffer in) {
		int length = in.getInt();
		if (length < 0 || length > in.remaining()) {
			throw new IllegalArgumentException("A length of " + length + " with " + in.remaining() + " bytes left");
		}
		byte[] bytes = new byte[length];
		in.get(bytes);
		return bytes;
	}

}
