package io.idempotency.web.operation;

import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

@Tag("quick")
class JsonContentTests {

	private static final String THOUSAND_NINES = "9".repeat(990);

	@ParameterizedTest
	@ValueSource(strings = { "10 10.0 1e1 1E+1 100e-1 0.1e2 1e01 10.00e0 0.0000000001e11", "1 1.0 1e0 10e-1 1E-0",
			"0 -0 0.0 -0.0 0e5 -0e-99999999999 0E99999999999", "-1 -1.0 -10e-1", "0.1 1e-1 0.10 100e-3",
			"1e99999999999 10e99999999998 0.1e100000000000 1.0E+99999999999 1e000099999999999",
			"1e-99999999999 0.1e-99999999998 10e-100000000000",
			"1e2147483648 10e2147483647 0.01e2147483650 1000e2147483645",
			"12345678901234567890 12345678901234567890.0 1234567890123456789e1 1.234567890123456789e19",
			"0.1000000000000000055511151231257827 1000000000000000055511151231257827e-34" })
	@DisplayName("F10: numbers are compared by value")
	void takesSpellingsOfNumberAsOne(String spellings) {
		assertOneContent(spellings.split(" "));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "1 -1 10 0 1.1 \"1\" 1e99999999999 1e-99999999999 -1e99999999999 1e99999999998 2e99999999999",
					"9007199254740992 9007199254740993 9007199254740992.5",
					"12345678901234567890 12345678901234567891 12345678901234567890.1",
					"0.1000000000000000055511151231257827 0.1000000000000000055511151231257828 0.1",
					"1e400 1e401 1e2147483647 1e2147483648 1e4294967296 1e18446744073709551616", "101 11 1001 1.01 110",
					"null 0 false \"\" [] {} \"null\"" })
	@DisplayName("F10: values that differ are not one, however little they differ")
	void tellsValuesApart(String values) {
		assertEveryContentDiffers(values.split(" "));
	}

	@Test
	@DisplayName("F10: a huge number costs neither memory nor time")
	void readsHugeNumbersQuickly() {
		JsonContent content = new JsonContent(List.of());
		String exponents = ("[" + "1e99999999999,-7.5E-99999999999,".repeat(30_000) + "0]");
		assertThat(CompletableFuture.runAsync(() -> {
			for (String json : List.of(exponents, "1e" + "9".repeat(900_000), "9".repeat(900_000),
					"0." + "0".repeat(900_000) + "1", "1e-" + "0".repeat(900_000))) {
				content.canonicalize(utf8(json));
			}
		})).succeedsWithin(Duration.ofSeconds(10));
	}

	@Test
	@DisplayName("F10: numbers as long as Jackson reads them are compared by value, longer ones by their bytes")
	void comparesNumbersBeyondLimitsByBytes() {
		assertOneContent(THOUSAND_NINES, THOUSAND_NINES + ".0", THOUSAND_NINES + "e0");
		for (String tooLong : List.of("9".repeat(1001), "[1." + "0".repeat(1001) + "]", "1e" + "9".repeat(1001))) {
			assertThat(new JsonContent(List.of()).canonicalize(utf8(tooLong))).isEqualTo(utf8(tooLong));
		}
	}

	@Test
	@DisplayName("F10: pointers name elements as they were sent")
	void ignoresElementsByTheirPositionInTheBody() {
		assertThat(canonical("{'items':['a','b','c','d']}", "/items/0", "/items/1"))
			.isEqualTo(canonical("{'items':['c','d']}"));
		assertThat(canonical("{'items':['a','b','c','d']}", "/items/1", "/items/0", "/items/3"))
			.isEqualTo(canonical("{'items':['c']}"));
		assertThat(canonical("[[1,2,3],[4,5,6]]", "/0/0", "/0", "/1/1", "/1/0")).isEqualTo(canonical("[[6]]"));
		assertThat(canonical("['a','b']", "/0")).isNotEqualTo(canonical("['b']", "/0"));
		assertThat(canonical("['a','b']", "/0")).isEqualTo(canonical("['c','b']", "/0"));
		assertThat(canonical("['a','b','c']", "/1")).isNotEqualTo(canonical("['a','c']", "/1"));
	}

	@Test
	@DisplayName("F10: nested and overlapping pointers give one result in every order")
	void ignoresPointersInAnyOrder() {
		List<String> pointers = new ArrayList<>(List.of("/a/0/x", "/a/0", "/a/2/y", "/a/2/y/0", "/b", "/b/c", "/d/0",
				"/d/1/e", "/d/2", "/missing/0", "/a/99"));
		String json = "{'a':[{'x':1},2,{'y':[1,2],'z':3}],'b':{'c':1},'d':[0,{'e':1,'f':2},{'e':3},4]}";
		byte[] expected = canonical("{'a':[2,{'z':3}],'d':[{'f':2},4]}");
		Random random = new Random(7);
		for (int i = 0; i < 100; i++) {
			Collections.shuffle(pointers, random);
			assertThat(canonical(json, pointers.toArray(String[]::new))).as("%s", pointers).isEqualTo(expected);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "/x", "/a/3", "/a/-", "/a/01", "/a/00", "/a/-1", "/a/99999999999", "/a/0/0", "/a/x",
			"/b/0", "/c/d/e", "/", "/a/", "/c~1d" })
	@DisplayName("F10: a pointer that is not there changes nothing")
	void ignoresPointerThatIsNotThere(String pointer) {
		String json = "{'a':[1,2,3],'b':'0','c':{'d':null}}";
		assertThat(canonical(json, pointer)).isEqualTo(canonical(json));
	}

	@Test
	@DisplayName("F10: a number in a pointer names a member where an object was sent, and ~0, ~1 and nothing are names")
	void ignoresMembersOfAnyName() {
		assertThat(canonical("{'a':{'0':1,'1':2}}", "/a/0")).isEqualTo(canonical("{'a':{'1':2}}"));
		assertThat(canonical("{'a/b':1,'m~n':2,'':3,'x':4}", "/a~1b", "/m~0n", "/")).isEqualTo(canonical("{'x':4}"));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`',
			value = { "{'a':1,'a':1}", "{'a':{'b':1,'b':2}}", "{'a':1} x", "1 2", "``", "` `", "{'a':1", "01", "+1",
					"1.", ".5", "1e", "NaN", "'\u0001'", "{'a':1,}", "[,1]", "{\"x\":{\"y\":1,\"y\":1}}" })
	@DisplayName("F4: what is not valid JSON is compared by its bytes")
	void comparesInvalidJsonByBytes(String json) {
		byte[] bytes = utf8(json.replace('\'', '"'));
		assertThat(new JsonContent(List.of("/x")).canonicalize(bytes)).isEqualTo(bytes);
	}

	@Test
	@DisplayName("F4: JSON nested deeper than Jackson reads is compared by its bytes")
	void comparesDeepJsonByBytes() {
		byte[] deep = utf8("[ ".repeat(5000) + "]".repeat(5000));
		assertThat(new JsonContent(List.of()).canonicalize(deep)).isEqualTo(deep);
		assertOneContent("[".repeat(498) + "]".repeat(498), "[ ".repeat(498) + "]".repeat(498));
		assertOneContent("{\"a\":".repeat(498) + "1" + "}".repeat(498),
				"{\"a\": ".repeat(498) + "1.0" + "}".repeat(498));
	}

	@Test
	@DisplayName("F4: the encoding and a byte order mark do not count")
	void readsEveryEncodingOfJson() {
		String json = "{\"name\":\"Zoë 你好 👋\",\"n\":1}";
		byte[] expected = new JsonContent(List.of()).canonicalize(utf8(json));
		for (String encoding : List.of("UTF-8", "UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE")) {
			for (String mark : List.of("", "\ufeff")) {
				assertThat(new JsonContent(List.of()).canonicalize((mark + json).getBytes(Charset.forName(encoding))))
					.as("%s with mark %s", encoding, !mark.isEmpty())
					.isEqualTo(expected);
			}
		}
	}

	@Test
	@DisplayName("F4: strings are compared by their characters, lone surrogates included")
	void comparesStringsByCharacters() {
		assertOneContent("\"\\u00e9\\/\\\"\\n\"", "\"é/\\\"\\u000A\"", "\"\\u00E9\\u002f\\u0022\\u000a\"");
		assertEveryContentDiffers("\"\\ud83d\"", "\"\\udc4b\"", "\"?\"", "\"\\ufffd\"", "\"\\ud83d\\udc4b\"",
				"\"\\\\ud83d\"", "\"\\udc4b\\ud83d\"");
		assertEveryContentDiffers("{\"\\ud83d\":1}", "{\"\\ud83e\":1}", "{\"?\":1}");
		assertEveryContentDiffers("\"a\\\",\\\"b\"", "[\"a\",\"b\"]", "[\"a\\\",\\\"b\"]");
	}

	@Test
	@DisplayName("F4, F10: equal content is one in every spelling, and another content another")
	void comparesRandomContent() {
		for (int seed = 0; seed < 2000; seed++) {
			Random random = new Random(seed);
			Spelling spelling = new Spelling(random);
			Object value = spelling.value(4);
			byte[] expected = new JsonContent(List.of()).canonicalize(spelling.bytes(value));
			for (int i = 0; i < 3; i++) {
				byte[] again = spelling.bytes(value);
				assertThat(new JsonContent(List.of()).canonicalize(again)).as("seed %d: %s", seed, value)
					.isEqualTo(expected);
			}
			Object changed = spelling.changed(value);
			assertThat(new JsonContent(List.of()).canonicalize(spelling.bytes(changed)))
				.as("seed %d: %s and %s", seed, value, changed)
				.isNotEqualTo(expected);
		}
	}

	@Test
	@DisplayName("F4: no bytes make it fail, and what it has made canonical stays so")
	void readsAnyBytes() {
		JsonContent content = new JsonContent(List.of("/a", "/0", "/1/a"));
		JsonContent plain = new JsonContent(List.of());
		for (int seed = 0; seed < 4_000; seed++) {
			Random random = new Random(seed);
			Spelling spelling = new Spelling(random);
			byte[] bytes = spelling.bytes(spelling.value(3));
			for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
				bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
			}
			byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length + 3));
			assertThatNoException().as("seed %d", seed).isThrownBy(() -> content.canonicalize(damaged));
			byte[] canonical = plain.canonicalize(damaged);
			assertThat(plain.canonicalize(canonical)).as("seed %d", seed).isEqualTo(canonical);
			assertThatNoException().as("seed %d", seed).isThrownBy(() -> JsonContent.isValid(damaged));
		}
	}

	@ParameterizedTest
	@MethodSource("validJson")
	@DisplayName("valid JSON is seen as that, whatever its numbers")
	void seesValidJson(String json) {
		assertThat(JsonContent.isValid(utf8(json))).isTrue();
	}

	static List<String> validJson() {
		return List.of("1e99999999999", "-1e-99999999999", "[1e2147483648]", THOUSAND_NINES, "{\"a\":1}", "null");
	}

	private static void assertOneContent(String... spellings) {
		byte[] expected = new JsonContent(List.of()).canonicalize(utf8(spellings[0]));
		for (String spelling : spellings) {
			assertThat(new JsonContent(List.of()).canonicalize(utf8(spelling))).as(spelling).isEqualTo(expected);
			assertThat(new JsonContent(List.of()).canonicalize(utf8("{\"a\":[" + spelling + "]}"))).as(spelling)
				.isEqualTo(new JsonContent(List.of()).canonicalize(utf8("{\"a\": [" + spellings[0] + "]}")));
		}
	}

	private static void assertEveryContentDiffers(String... values) {
		for (String one : values) {
			for (String other : values) {
				if (!one.equals(other)) {
					assertThat(new JsonContent(List.of()).canonicalize(utf8(one))).as("%s and %s", one, other)
						.isNotEqualTo(new JsonContent(List.of()).canonicalize(utf8(other)));
				}
			}
		}
	}

	private static byte[] canonical(String json, String... ignored) {
		return new JsonContent(List.of(ignored)).canonicalize(utf8(json.replace('\'', '"')));
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Invents content, and writes it in a different way each time.
	 */
	private static final class Spelling {

		private static final List<String> TEXTS = List.of("", "a", "b", "0", "1", "é", "你", "👋", "\"", "\\", "/", "\n",
				"\u0000", "\u007f", "a,b", "{}");

		private static final List<Charset> CHARSETS = List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_8,
				StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE);

		private final Random random;

		Spelling(Random random) {
			this.random = random;
		}

		/**
		 * Returns a list, a map, a string, a decimal, or one of JSON's constants.
		 */
		Object value(int depth) {
			return switch (this.random.nextInt((depth > 0) ? 7 : 4)) {
				case 0 -> List.of(true, false, new Null()).get(this.random.nextInt(3));
				case 1 -> text();
				case 2, 3 -> decimal();
				case 4 -> {
					List<Object> list = new ArrayList<>();
					for (int i = this.random.nextInt(4); i > 0; i--) {
						list.add(value(depth - 1));
					}
					yield list;
				}
				default -> {
					Map<String, Object> map = new TreeMap<>();
					for (int i = this.random.nextInt(4); i > 0; i--) {
						map.put(text(), value(depth - 1));
					}
					yield map;
				}
			};
		}

		private String text() {
			return TEXTS.get(this.random.nextInt(TEXTS.size())) + TEXTS.get(this.random.nextInt(TEXTS.size()));
		}

		private Decimal decimal() {
			BigInteger digits = this.random.nextBoolean() ? BigInteger.valueOf(this.random.nextInt(100))
					: new BigInteger(100, this.random);
			long[] exponents = { 0, 0, 1, -1, 20, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE };
			return new Decimal(this.random.nextBoolean(), digits,
					BigInteger.valueOf(exponents[this.random.nextInt(exponents.length)]));
		}

		/**
		 * Returns a value with one change somewhere in it.
		 */
		Object changed(Object value) {
			if (value instanceof List<?> list && !list.isEmpty() && this.random.nextInt(4) > 0) {
				List<Object> changed = new ArrayList<>(list);
				int index = this.random.nextInt(list.size());
				switch (this.random.nextInt(3)) {
					case 0 -> changed.remove(index);
					case 1 -> changed.add(index, new Decimal(false, BigInteger.valueOf(12321), BigInteger.ZERO));
					default -> changed.set(index, changed(list.get(index)));
				}
				return changed;
			}
			if (value instanceof Map<?, ?> map && !map.isEmpty() && this.random.nextInt(4) > 0) {
				Map<Object, Object> changed = new TreeMap<>(map);
				Object name = List.copyOf(map.keySet()).get(this.random.nextInt(map.size()));
				switch (this.random.nextInt(3)) {
					case 0 -> changed.remove(name);
					case 1 -> changed.put(name + " ", changed.remove(name));
					default -> changed.computeIfPresent(name, (same, member) -> changed(member));
				}
				return changed;
			}
			if (value instanceof Decimal decimal) {
				return (decimal.digits().signum() == 0) ? "0" : new Decimal(decimal.negative(),
						decimal.digits().multiply(BigInteger.TEN).add(BigInteger.ONE), decimal.exponent());
			}
			return (value instanceof String text) ? text + " " : List.of(value);
		}

		byte[] bytes(Object value) {
			Charset charset = CHARSETS.get(this.random.nextInt(CHARSETS.size()));
			StringBuilder out = new StringBuilder();
			if (this.random.nextInt(4) == 0) {
				out.append('\ufeff');
			}
			// UTF-16 is recognised by its first two characters.
			out.append('[');
			write(value, out);
			return out.append(']').toString().getBytes(charset);
		}

		private void write(Object value, StringBuilder out) {
			space(out);
			if (value instanceof List<?> list) {
				out.append('[');
				for (int i = 0; i < list.size(); i++) {
					out.append((i > 0) ? "," : "");
					write(list.get(i), out);
				}
				out.append(']');
			}
			else if (value instanceof Map<?, ?> map) {
				List<Map.Entry<?, ?>> members = new ArrayList<>(map.entrySet());
				Collections.shuffle(members, this.random);
				out.append('{');
				for (int i = 0; i < members.size(); i++) {
					out.append((i > 0) ? "," : "");
					space(out);
					writeText(members.get(i).getKey().toString(), out);
					space(out);
					out.append(':');
					write(members.get(i).getValue(), out);
				}
				out.append('}');
			}
			else if (value instanceof String text) {
				writeText(text, out);
			}
			else if (value instanceof Decimal decimal) {
				writeNumber(decimal, out);
			}
			else {
				out.append(value);
			}
			space(out);
		}

		private void space(StringBuilder out) {
			for (int i = this.random.nextInt(3); i > 1; i--) {
				out.append(" \t\r\n".charAt(this.random.nextInt(4)));
			}
		}

		private void writeText(String text, StringBuilder out) {
			out.append('"');
			text.codePoints().forEach((codePoint) -> {
				String character = Character.toString(codePoint);
				if (codePoint < ' ' || codePoint == '"' || codePoint == '\\' || this.random.nextInt(4) == 0) {
					character.chars().forEach((unit) -> out.append("\\u%04x".formatted(unit)));
				}
				else {
					out.append(character);
				}
			});
			out.append('"');
		}

		/**
		 * Moves the point, and adds zeros at both ends of the fraction and the exponent.
		 */
		private void writeNumber(Decimal decimal, StringBuilder out) {
			String digits = decimal.digits()
					+ "0".repeat((decimal.digits().signum() != 0) ? this.random.nextInt(3) : 0);
			BigInteger exponent = decimal.exponent()
				.subtract(BigInteger.valueOf(digits.length() - decimal.digits().toString().length()));
			int fraction = this.random.nextInt(digits.length() + 3);
			if (fraction >= digits.length()) {
				digits = "0".repeat(fraction - digits.length() + 1) + digits;
			}
			int point = digits.length() - fraction;
			exponent = exponent.add(BigInteger.valueOf(fraction));
			out.append(decimal.negative() ? "-" : "").append(digits, 0, point);
			if (fraction > 0) {
				out.append('.').append(digits, point, digits.length());
			}
			if (exponent.signum() != 0 || this.random.nextBoolean()) {
				out.append(this.random.nextBoolean() ? 'e' : 'E')
					.append((exponent.signum() < 0) ? "-" : this.random.nextBoolean() ? "+" : "")
					.append("0".repeat(this.random.nextInt(3)))
					.append(exponent.abs());
			}
		}

	}

	private record Decimal(boolean negative, BigInteger digits, BigInteger exponent) {
	}

	private record Null() {

		@Override
		public String toString() {
			return "null";
		}

	}

}
