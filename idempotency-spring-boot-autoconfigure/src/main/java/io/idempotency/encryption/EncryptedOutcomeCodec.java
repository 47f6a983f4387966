package io.idempotency.encryption;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

import javax.crypto.Cipher;

import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts the output of another codec. Data that was modified, or that was written for
 * another record, cannot be decrypted.
 * <p>
 * Format 1, with lengths in bytes: the letters {@code IE}, the format version (1), the
 * name of the key (4), the nonce (12), the AES-GCM ciphertext and its tag (16). The tag
 * also authenticates the record key and everything before the nonce.
 */
final class EncryptedOutcomeCodec implements OutcomeCodec {

	private static final byte[] MAGIC = { 'I', 'E', 1 };

	private static final int HEADER_LENGTH = MAGIC.length + EncryptionKey.NAME_LENGTH;

	private final OutcomeCodec plain;

	private final @Nullable EncryptionKey current;

	private final List<EncryptionKey> all;

	private final boolean acceptPlain;

	private final SecureRandom random = new SecureRandom();

	/**
	 * Creates a codec.
	 * @param current the key to encrypt with, or {@code null} to write without encryption
	 * @param all the keys to decrypt with
	 * @param acceptPlain whether to read data that is not encrypted
	 */
	EncryptedOutcomeCodec(OutcomeCodec plain, @Nullable EncryptionKey current, List<EncryptionKey> all,
			boolean acceptPlain) {
		this.plain = plain;
		this.current = current;
		this.all = all;
		this.acceptPlain = acceptPlain;
	}

	@Override
	public byte[] encode(RecordKey key, Outcome outcome) {
		byte[] text = this.plain.encode(key, outcome);
		return (this.current != null) ? encrypt(this.current, key, text) : text;
	}

	private byte[] encrypt(EncryptionKey encryptionKey, RecordKey key, byte[] text) {
		byte[] header = ByteBuffer.allocate(HEADER_LENGTH).put(MAGIC).put(encryptionKey.name()).array();
		byte[] nonce = new byte[EncryptionKey.NONCE_LENGTH];
		this.random.nextBytes(nonce);
		try {
			byte[] encrypted = encryptionKey.crypt(Cipher.ENCRYPT_MODE, nonce, text, header, bytes(key));
			return ByteBuffer.allocate(header.length + nonce.length + encrypted.length)
				.put(header)
				.put(nonce)
				.put(encrypted)
				.array();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has AES-GCM", ex);
		}
	}

	@Override
	public Outcome decode(RecordKey key, byte[] bytes) {
		if (bytes.length < MAGIC.length || bytes[0] != MAGIC[0] || bytes[1] != MAGIC[1]) {
			return decodePlain(key, bytes);
		}
		if (bytes[2] != MAGIC[2]) {
			throw new UnreadableRecordException("The record is encrypted in format version " + (bytes[2] & 0xff)
					+ ", and this version of the library reads only version " + MAGIC[2]);
		}
		if (bytes.length < HEADER_LENGTH + EncryptionKey.NONCE_LENGTH + EncryptionKey.TAG_LENGTH) {
			throw new UnreadableRecordException("The record is truncated");
		}
		ByteBuffer in = ByteBuffer.wrap(bytes);
		byte[] header = new byte[HEADER_LENGTH];
		byte[] nonce = new byte[EncryptionKey.NONCE_LENGTH];
		in.get(header).get(nonce);
		byte[] encrypted = new byte[in.remaining()];
		in.get(encrypted);
		return this.plain.decode(key, decrypt(key, header, nonce, encrypted));
	}

	private Outcome decodePlain(RecordKey key, byte[] bytes) {
		if (!this.acceptPlain) {
			throw new UnreadableRecordException("The record is not encrypted. To read records that were stored before a"
					+ " key was configured, set idempotency.encryption.accept-plain=true");
		}
		return this.plain.decode(key, bytes);
	}

	private byte[] decrypt(RecordKey key, byte[] header, byte[] nonce, byte[] encrypted) {
		byte[] name = Arrays.copyOfRange(header, MAGIC.length, HEADER_LENGTH);
		EncryptionKey encryptionKey = this.all.stream()
			.filter((candidate) -> candidate.hasName(name))
			.findFirst()
			.orElseThrow(() -> new UnreadableRecordException("The record is encrypted with a key that is neither"
					+ " idempotency.encryption.key nor among its previous-keys"));
		try {
			return encryptionKey.crypt(Cipher.DECRYPT_MODE, nonce, encrypted, header, bytes(key));
		}
		catch (GeneralSecurityException ex) {
			throw new UnreadableRecordException("The record was modified, or was written for another record key", ex);
		}
	}

	private static byte[] bytes(RecordKey key) {
		return key.hex().getBytes(StandardCharsets.US_ASCII);
	}

}
