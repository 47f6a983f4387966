package io.idempotency.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("quick")
class OutcomeCodecTests {

	private static final OutcomeCodec CODEC = OutcomeCodec.plain();

	private static final OutcomeCodec DEFLATING = OutcomeCodec.deflating();

	private static final RecordKey KEY = new RecordKey("0".repeat(64));

	private static final StoredResponse REPETITIVE = new StoredResponse(200,
			List.of(new StoredResponse.Header("X", "again and again")),
			"again and ".repeat(100).getBytes(StandardCharsets.UTF_8));

	static Stream<Outcome> outcomes() {
		return Stream.of(new ResponseNotStored(),
				new StoredResult(false, "void", null, "null".getBytes(StandardCharsets.UTF_8)),
				new StoredResult(true, "com.example.Declined", "4bf92f35", "{}".getBytes(StandardCharsets.UTF_8)),
				new StoredResult(false, "Grüße", "", "x".repeat(1000).getBytes(StandardCharsets.UTF_8)),
				new StoredResponse(204, List.of(), new byte[0]),
				new StoredResponse(599, List.of(new StoredResponse.Header("x", "")), new byte[] { 0, -1 }),
				new StoredResponse(201,
						List.of(new StoredResponse.Header("Content-Type", "text/plain;charset=utf-8"),
								new StoredResponse.Header("X-Text", "Grüße, 你好, 👋"),
								new StoredResponse.Header("x-text", "again")),
						"body".getBytes(StandardCharsets.UTF_8)),
				REPETITIVE);
	}

	@ParameterizedTest
	@MethodSource("outcomes")
	void decodesWhatItEncoded(Outcome outcome) {
		assertThat(CODEC.decode(KEY, CODEC.encode(KEY, outcome))).isEqualTo(outcome);
		assertThat(CODEC.decode(KEY, DEFLATING.encode(KEY, outcome))).isEqualTo(outcome);
		assertThat(DEFLATING.decode(KEY, CODEC.encode(KEY, outcome))).isEqualTo(outcome);
	}

	@Test
	void deflatesWhatBecomesShorter() {
		assertThat(DEFLATING.encode(KEY, REPETITIVE)).hasSizeLessThan(200);
		byte[] random = new byte[1000];
		new Random(1).nextBytes(random);
		for (Outcome outcome : new Outcome[] { new StoredResponse(200, List.of(), random), new ResponseNotStored() }) {
			assertThat(DEFLATING.encode(KEY, outcome)).isEqualTo(CODEC.encode(KEY, outcome));
		}
	}

	@Test
	void readsDeflatedFormatOne() {
		String response = "494b0102" + "00c9" + "00000000" + "00000002" + "010200fdff" + "6869";
		StoredResponse stored = new StoredResponse(201, List.of(), "hi".getBytes(StandardCharsets.UTF_8));
		assertThat(CODEC.decode(KEY, sealed(HexFormat.of().parseHex(response)))).isEqualTo(stored);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0000", "00000002", "00000003" + "010200fdff6869", "00000001" + "010200fdff6869",
			"ffffffff" + "010200fdff6869", "7fffffff" + "010200fdff6869", "00000002" + "010200fdff68",
			"00000002" + "010200fdff6869" + "00", "00000002" + "000200fdff6869", "00000002" + "ffffffffff" })
	void refusesWhatWasNotDeflated(String body) {
		assertUnreadable(sealed(HexFormat.of().parseHex("494b0102" + "00c9" + "00000000" + body)));
	}

	@ParameterizedTest
	@MethodSource("outcomes")
	void refusesEveryTruncation(Outcome outcome) {
		byte[] bytes = DEFLATING.encode(KEY, outcome);
		for (int length = 0; length < bytes.length; length++) {
			assertUnreadable(Arrays.copyOf(bytes, length));
		}
	}

	@ParameterizedTest
	@MethodSource("outcomes")
	void refusesEveryFlippedBit(Outcome outcome) {
		byte[] bytes = DEFLATING.encode(KEY, outcome);
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
		assertUnreadable(sealed(hex.parseHex("494b0103")));
		assertUnreadable(sealed(hex.parseHex("494b0101" + "0063" + "00000000" + "00000000")));
		assertUnreadable(sealed(hex.parseHex(start + "7fffffff" + "00000000")));
		assertUnreadable(sealed(hex.parseHex(start + "ffffffff" + "00000000")));
		assertUnreadable(sealed(hex.parseHex(start + "00000000" + "7fffffff")));
		assertUnreadable(sealed(hex.parseHex(start + "00000000" + "ffffffff")));
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 204, 226, 299, 304, 399, 407, 451, 499, 511, 599 })
	void readsEveryFinalStatus(int status) {
		assertThat(CODEC.decode(KEY, forged(status, "X", "a"))).extracting("status").isEqualTo(status);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 99, 100, 101, 103, 199, 600, 700, 999, 1000, 65_535 })
	void refusesStatusThatIsNotFinal(int status) {
		assertUnreadable(forged(status, "X", "a"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "X", "x-Y_z.1!#$%&'*+^`|~", "Content-Type", "Set-Cookie", ":trace" })
	void readsEveryToken(String name) {
		assertThat(CODEC.decode(KEY, forged(200, name, "a"))).isEqualTo(response(name, "a"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "X Y", "X:", "X:Y", ":", "::x", ": x", "X\r\nY", "X\u0000", "(X)", "X\"",
			"\u00fc", "\u4f60", "X\u007f", "X\t", "a/b", "a=b" })
	void refusesNameThatIsNoToken(String name) {
		assertUnreadable(forged(200, name, "a"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length", "content-length", "Transfer-Encoding", "TRANSFER-ENCODING" })
	void refusesHeaderThatFramesTheBody(String name) {
		assertUnreadable(forged(200, name, "4"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a", " a b ", "a\tb", "\u0080\u0085\u009f", "gr\u00fc\u00df", "\u4f60\ud83d\udc4b",
			"\u2028", "text/plain;charset=bogus", "nonsense" })
	void readsEveryValueThatServersSend(String value) {
		assertThat(CODEC.decode(KEY, forged(200, "X", value))).isEqualTo(response("X", value));
		assertThat(CODEC.decode(KEY, forged(200, "Content-Type", value))).isEqualTo(response("Content-Type", value));
	}

	static IntStream controlCharacters() {
		return IntStream.concat(IntStream.range(0, 0x20).filter((character) -> character != '\t'), IntStream.of(0x7f));
	}

	@ParameterizedTest
	@MethodSource("controlCharacters")
	void refusesControlCharacterInValue(int character) {
		assertUnreadable(forged(200, "X", "a" + (char) character + "b"));
		assertUnreadable(forged(200, "Content-Type", Character.toString(character)));
	}

	private static StoredResponse response(String headerName, String headerValue) {
		return new StoredResponse(200, List.of(new StoredResponse.Header(headerName, headerValue)), new byte[0]);
	}

	/**
	 * Returns what somebody could put into a store who knows the format.
	 */
	private static byte[] forged(int status, String headerName, String headerValue) {
		byte[] name = headerName.getBytes(StandardCharsets.UTF_8);
		byte[] value = headerValue.getBytes(StandardCharsets.UTF_8);
		return sealed(ByteBuffer.allocate(22 + name.length + value.length)
			.put(new byte[] { 'I', 'K', 1, 1 })
			.putShort((short) status)
			.putInt(1)
			.putInt(name.length)
			.put(name)
			.putInt(value.length)
			.put(value)
			.putInt(0)
			.array());
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
