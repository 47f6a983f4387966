package io.idempotency.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Digests a sequence of values, each behind its length, so that no two sequences share a
 * digest by the way their values are cut.
 * <p>
 * Public for the front ends of this library; applications have no use for it.
 */
public final class Sha256 {

	private final MessageDigest digest;

	private final byte[] length = new byte[Long.BYTES];

	/**
	 * Creates a digest of nothing.
	 */
	public Sha256() {
		try {
			this.digest = MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

	/**
	 * Adds a text as UTF-8.
	 * @param value the text, or {@code null}, which differs from every text
	 * @return this digest
	 */
	public Sha256 add(@Nullable String value) {
		return (value != null) ? add(value.getBytes(StandardCharsets.UTF_8)) : addLength(-1);
	}

	/**
	 * Adds bytes.
	 * @param value the bytes
	 * @return this digest
	 */
	public Sha256 add(byte[] value) {
		addLength(value.length);
		this.digest.update(value);
		return this;
	}

	/**
	 * Adds a stream without holding it in memory, so with its length behind it.
	 * @param value the stream, read to its end
	 * @return this digest
	 * @throws IOException if it cannot be read
	 */
	public Sha256 add(InputStream value) throws IOException {
		long length = value.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), this.digest));
		return addLength(length);
	}

	/**
	 * Adds a length that is known apart from what has it.
	 * @param length the length
	 * @return this digest
	 */
	public Sha256 addLength(long length) {
		for (int i = 0; i < Long.BYTES; i++) {
			this.length[i] = (byte) (length >>> (Long.SIZE - Byte.SIZE * (i + 1)));
		}
		this.digest.update(this.length);
		return this;
	}

	/**
	 * Returns as much of the digest as a UUID holds, in the form of version 4, since that
	 * is what services ask for that are particular about their keys.
	 */
	UUID toUuid() {
		ByteBuffer bytes = ByteBuffer.wrap(this.digest.digest());
		return new UUID(bytes.getLong() & ~0xF000L | 0x4000L, bytes.getLong() & ~(3L << 62) | 1L << 63);
	}

	/**
	 * Returns the digest, and begins anew.
	 * @return 64 lower-case hexadecimal digits
	 */
	public String toHex() {
		return HexFormat.of().formatHex(this.digest.digest());
	}

}
