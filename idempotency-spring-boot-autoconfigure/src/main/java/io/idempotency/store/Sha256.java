package io.idempotency.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Computes the digest of a sequence of values. The length of each value is part of the
 * digest, so that sequences which split the same bytes differently have different
 * digests.
 * <p>
 * Public for the front ends of this library; not intended for applications.
 */
public final class Sha256 {

	private static final MessageDigest EMPTY = create();

	private final MessageDigest digest;

	private final byte[] length = new byte[Long.BYTES];

	/**
	 * Creates an empty digest.
	 */
	public Sha256() {
		this.digest = empty();
	}

	/**
	 * Returns an empty digest. To copy one takes less time than to look its provider up.
	 */
	private static MessageDigest empty() {
		try {
			return (MessageDigest) EMPTY.clone();
		}
		catch (CloneNotSupportedException ex) {
			return create();
		}
	}

	private static MessageDigest create() {
		try {
			return MessageDigest.getInstance("SHA-256");
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
	 * Adds a stream without holding it in memory. Its length is added after its content.
	 * @param value the stream, read to its end
	 * @return this digest
	 * @throws IOException if it cannot be read
	 */
	public Sha256 add(InputStream value) throws IOException {
		long length = value.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), this.digest));
		return addLength(length);
	}

	/**
	 * Adds a length whose value is not added, or is added separately.
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
	 * Returns the first bytes of the digest as a UUID in the form of version 4, because
	 * some services accept only such keys.
	 */
	UUID toUuid() {
		ByteBuffer bytes = ByteBuffer.wrap(this.digest.digest());
		return new UUID((bytes.getLong() & ~0xF000L) | 0x4000L, (bytes.getLong() & ~(3L << 62)) | (1L << 63));
	}

	/**
	 * Returns the digest and resets this object.
	 * @return 64 lower-case hexadecimal digits
	 */
	public String toHex() {
		return HexFormat.of().formatHex(this.digest.digest());
	}

}
