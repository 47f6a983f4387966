package io.idempotency.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads values that follow their length, which has four bytes.
 */
final class Lengths {

	private Lengths() {
	}

	/**
	 * Reads a text in UTF-8.
	 * @throws IllegalArgumentException if the length exceeds the remaining bytes
	 * @throws BufferUnderflowException if the length is missing
	 */
	static String readText(ByteBuffer in) {
		return new String(readBytes(in), StandardCharsets.UTF_8);
	}

	/**
	 * Reads bytes.
	 * @throws IllegalArgumentException if the length exceeds the remaining bytes
	 * @throws BufferUnderflowException if the length is missing
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
