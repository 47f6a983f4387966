package io.idempotency.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class OutcomeCodecTests {

	private static final OutcomeCodec CODEC = OutcomeCodec.plain();

	private static final RecordKey KEY = new RecordKey("0".repeat(64));

	static Stream<Outcome> outcomes() {
		return Stream.of(new ResponseNotStored(), new StoredResponse(204, List.of(), new byte[0]),
				new StoredResponse(999, List.of(new StoredResponse.Header("", "")), new byte[] { 0, -1 }),
				new StoredResponse(201,
						List.of(new StoredResponse.Header("Content-Type", "text/plain;charset=utf-8"),
								new StoredResponse.Header("X-Text", "Grüße, 你好, 👋"),
								new StoredResponse.Header("x-text", "again")),
						"body".getBytes(StandardCharsets.UTF_8)));
	}

	@ParameterizedTest
	@MethodSource("outcomes")
	void decodesWhatItEncoded(Outcome outcome) {
		assertThat(CODEC.decode(KEY, CODEC.encode(KEY, outcome))).isEqualTo(outcome);
	}

	/**
	 * The bytes that applications have stored: they must be readable for ever.
	 */
	@Test
	void readsAndWritesFormatOne() {
		String response = "494b0101" + "00c9" + "00000001" + "00000001" + "58" + "00000002" + "c3bc" + "00000002"
				+ "6869";
		byte[] notStored = HexFormat.of().parseHex("494b0100");
		assertThat(CODEC.encode(KEY, new ResponseNotStored())).isEqualTo(sealed(notStored));
		byte[] bytes = HexFormat.of().parseHex(response);
		StoredResponse stored = new StoredResponse(201, List.of(new StoredResponse.Header("X", "ü")),
				"hi".getBytes(StandardCharsets.UTF_8));
		assertThat(CODEC.encode(KEY, stored)).isEqualTo(sealed(bytes));
		assertThat(CODEC.decode(KEY, sealed(bytes))).isEqualTo(stored);
	}

	@ParameterizedTest
	@MethodSource("outcomes")
	void refusesEveryTruncation(Outcome outcome) {
		byte[] bytes = CODEC.encode(KEY, outcome);
		for (int length = 0; length < bytes.length; length++) {
			assertUnreadable(Arrays.copyOf(bytes, length));
		}
	}

	@ParameterizedTest
	@MethodSource("outcomes")
	void refusesEveryFlippedBit(Outcome outcome) {
		byte[] bytes = CODEC.encode(KEY, outcome);
		for (int bit = 0; bit < bytes.length * 8; bit++) {
			byte[] damaged = bytes.clone();
			damaged[bit / 8] ^= (byte) (1 << (bit % 8));
			assertUnreadable(damaged);
		}
	}

	@ParameterizedTest
	@MethodSource("outcomes")
	void refusesWhatFollowsItsEnd(Outcome outcome) {
		byte[] bytes = CODEC.encode(KEY, outcome);
		assertUnreadable(Arrays.copyOf(bytes, bytes.length + 1));
		byte[] content = Arrays.copyOf(bytes, bytes.length - Integer.BYTES);
		assertUnreadable(sealed(Arrays.copyOf(content, content.length + 1)));
	}

	@Test
	void saysThatFormatIsLater() {
		byte[] later = CODEC.encode(KEY, new ResponseNotStored());
		later[2] = 2;
		assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> CODEC.decode(KEY, later))
			.withMessageContaining("format version 2")
			.withMessageContaining("only version 1");
	}

	@Test
	void saysThatBytesAreForeign() {
		assertThatExceptionOfType(UnreadableRecordException.class)
			.isThrownBy(() -> CODEC.decode(KEY, "{\"status\":200}".getBytes(StandardCharsets.UTF_8)))
			.withMessageContaining("not written by this library");
	}

	@Test
	void saysThatRecordIsTruncated() {
		byte[] bytes = CODEC.encode(KEY, new StoredResponse(200, List.of(), new byte[100]));
		assertThatExceptionOfType(UnreadableRecordException.class)
			.isThrownBy(() -> CODEC.decode(KEY, Arrays.copyOf(bytes, bytes.length / 2)))
			.withMessageContaining("truncated or damaged");
	}

	@Test
	void refusesWhatContradictsItself() {
		String start = "494b0101" + "00c8";
		HexFormat hex = HexFormat.of();
		assertUnreadable(sealed(hex.parseHex("494b0102")));
		assertUnreadable(sealed(hex.parseHex("494b0101" + "0063" + "00000000" + "00000000")));
		assertUnreadable(sealed(hex.parseHex(start + "7fffffff" + "00000000")));
		assertUnreadable(sealed(hex.parseHex(start + "ffffffff" + "00000000")));
		assertUnreadable(sealed(hex.parseHex(start + "00000000" + "7fffffff")));
		assertUnreadable(sealed(hex.parseHex(start + "00000000" + "ffffffff")));
	}

	private static byte[] sealed(byte[] content) {
		CRC32C checksum = new CRC32C();
		checksum.update(content);
		return ByteBuffer.allocate(content.length + Integer.BYTES)
			.put(content)
			.putInt((int) checksum.getValue())
			.array();
	}

	private static void assertUnreadable(byte[] bytes) {
		assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> CODEC.decode(KEY, bytes));
	}

}
