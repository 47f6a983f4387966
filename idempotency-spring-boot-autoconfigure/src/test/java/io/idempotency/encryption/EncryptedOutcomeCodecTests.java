package io.idempotency.encryption;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("quick")
class EncryptedOutcomeCodecTests {

	private static final RecordKey RECORD = new RecordKey("1".repeat(64));

	private static final RecordKey OTHER_RECORD = new RecordKey("2".repeat(64));

	private static final String KEY = key(16, 1);

	private static final String NEXT_KEY = key(32, 2);

	private static final StoredResponse RESPONSE = new StoredResponse(201,
			List.of(new StoredResponse.Header("Location", "/payments/7")),
			"card 4242 4242 4242 4242".getBytes(StandardCharsets.UTF_8));

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EncryptionIdempotencyAutoConfiguration.class));

	private static String key(int length, int value) {
		byte[] key = new byte[length];
		Arrays.fill(key, (byte) value);
		return Base64.getEncoder().encodeToString(key);
	}

	private static EncryptedOutcomeCodec codec(@Nullable String current, String... previous) {
		List<EncryptionKey> all = new ArrayList<>();
		EncryptionKey currentKey = (current != null) ? EncryptionKey.of(current, "test") : null;
		if (currentKey != null) {
			all.add(currentKey);
		}
		List.of(previous).forEach((key) -> all.add(EncryptionKey.of(key, "test")));
		return new EncryptedOutcomeCodec(OutcomeCodec.plain(), currentKey, all, false);
	}

	@Test
	void readsWhatItWroteAndShowsNothingOfIt() {
		byte[] bytes = codec(KEY).encode(RECORD, RESPONSE);
		assertThat(codec(KEY).decode(RECORD, bytes)).isEqualTo(RESPONSE);
		String text = new String(bytes, StandardCharsets.ISO_8859_1);
		assertThat(text).startsWith("IE").doesNotContain("4242").doesNotContain("Location").doesNotContain("payments");
		byte[] nothing = codec(KEY).encode(RECORD, new ResponseNotStored());
		assertThat(codec(KEY).decode(RECORD, nothing)).isEqualTo(new ResponseNotStored());
	}

	/**
	 * A nonce that came twice would give the key away (NIST SP 800-38D, 8).
	 */
	@Test
	void encryptsSameResponseDifferentlyEachTime() {
		Set<String> nonces = new HashSet<>();
		EncryptedOutcomeCodec codec = codec(KEY);
		for (int i = 0; i < 1000; i++) {
			nonces.add(HexFormat.of().formatHex(codec.encode(RECORD, RESPONSE), 7, 19));
		}
		assertThat(nonces).hasSize(1000);
	}

	@Test
	void refusesEveryTamperedByteAndEveryTruncation() {
		byte[] bytes = codec(KEY).encode(RECORD, RESPONSE);
		for (int i = 0; i < bytes.length; i++) {
			byte[] tampered = bytes.clone();
			tampered[i] ^= 1;
			assertUnreadable(codec(KEY), RECORD, tampered);
			assertUnreadable(codec(KEY), RECORD, Arrays.copyOf(bytes, i));
		}
		assertUnreadable(codec(KEY), RECORD, Arrays.copyOf(bytes, bytes.length + 1));
	}

	@Test
	void refusesResponseOfAnotherRecord() {
		assertUnreadable(codec(KEY), OTHER_RECORD, codec(KEY).encode(RECORD, RESPONSE));
	}

	@Test
	void refusesResponseThatIsNotEncrypted() {
		assertUnreadable(codec(KEY), RECORD, OutcomeCodec.plain().encode(RECORD, RESPONSE));
	}

	@Test
	void readsResponsesOfPreviousKeysOnly() {
		byte[] bytes = codec(KEY).encode(RECORD, RESPONSE);
		assertThat(codec(NEXT_KEY, KEY).decode(RECORD, bytes)).isEqualTo(RESPONSE);
		assertThatExceptionOfType(UnreadableRecordException.class)
			.isThrownBy(() -> codec(NEXT_KEY).decode(RECORD, bytes))
			.withMessageContaining("previous-keys");
	}

	/**
	 * First all instances learn to read, then they begin to write.
	 */
	@Test
	void keyComesInTwoStepsWithoutDowntime() {
		this.runner.withPropertyValues("idempotency.encryption.previous-keys=" + KEY).run((context) -> {
			OutcomeCodec reading = context.getBean(OutcomeCodec.class);
			byte[] plain = reading.encode(RECORD, RESPONSE);
			assertThat(OutcomeCodec.plain().decode(RECORD, plain)).isEqualTo(RESPONSE);
			assertThat(reading.decode(RECORD, codec(KEY).encode(RECORD, RESPONSE))).isEqualTo(RESPONSE);
			this.runner
				.withPropertyValues("idempotency.encryption.key=" + KEY, "idempotency.encryption.accept-plain=true")
				.run((next) -> {
					OutcomeCodec writing = next.getBean(OutcomeCodec.class);
					assertThat(writing.decode(RECORD, plain)).isEqualTo(RESPONSE);
					assertThat(reading.decode(RECORD, writing.encode(RECORD, RESPONSE))).isEqualTo(RESPONSE);
				});
		});
	}

	@Test
	void leavesResponsesToStoreWithoutKey() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(OutcomeCodec.class));
	}

	@Test
	void saysWhatIsWrongWithKeyWithoutShowingIt() {
		String tooShort = Base64.getEncoder().encodeToString("password".getBytes(StandardCharsets.UTF_8));
		this.runner.withPropertyValues("idempotency.encryption.key=" + tooShort)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessage("idempotency.encryption.key must be 16, 24 or 32 bytes in Base64, but has 8"));
		this.runner.withPropertyValues("idempotency.encryption.previous-keys=" + KEY + ",not base64!")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessage("idempotency.encryption.previous-keys must be Base64"));
	}

	private static void assertUnreadable(OutcomeCodec codec, RecordKey record, byte[] bytes) {
		assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> codec.decode(record, bytes));
	}

}
