package io.idempotency.encryption;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;

import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key for AES-GCM (NIST SP 800-38D). Its name consists of the first bytes of its
 * SHA-256 digest.
 */
final class EncryptionKey {

	static final int NAME_LENGTH = 4;

	static final int NONCE_LENGTH = 12;

	static final int TAG_LENGTH = 16;

	private static final Set<Integer> LENGTHS = Set.of(16, 24, 32);

	private final SecretKey secret;

	private final byte[] name;

	private EncryptionKey(byte[] secret) {
		this.secret = new SecretKeySpec(secret, "AES");
		this.name = Arrays.copyOf(digest(secret), NAME_LENGTH);
	}

	/**
	 * Reads a key.
	 * @param base64 the key in Base64
	 * @param property the property that contains the key
	 * @throws EncryptionKeyException if the value is not a valid key
	 */
	static EncryptionKey of(String base64, String property) {
		byte[] secret;
		try {
			secret = Base64.getDecoder().decode(base64.strip());
		}
		catch (IllegalArgumentException ex) {
			throw new EncryptionKeyException(property, "must be Base64");
		}
		if (!LENGTHS.contains(secret.length)) {
			throw new EncryptionKeyException(property,
					"must be 16, 24 or 32 bytes in Base64, but has " + secret.length);
		}
		return new EncryptionKey(secret);
	}

	private static byte[] digest(byte[] secret) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(secret);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

	byte[] name() {
		return this.name.clone();
	}

	boolean hasName(byte[] name) {
		return Arrays.equals(this.name, name);
	}

	/**
	 * Encrypts or decrypts.
	 * @param mode {@link Cipher#ENCRYPT_MODE} or {@link Cipher#DECRYPT_MODE}
	 * @param associated the additional data to authenticate
	 */
	byte[] crypt(int mode, byte[] nonce, byte[] text, byte[]... associated) throws GeneralSecurityException {
		Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
		cipher.init(mode, this.secret, new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, nonce));
		for (byte[] data : associated) {
			cipher.updateAAD(data);
		}
		return cipher.doFinal(text);
	}

}
