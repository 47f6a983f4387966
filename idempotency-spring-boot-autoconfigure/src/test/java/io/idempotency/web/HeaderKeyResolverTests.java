package io.idempotency.web;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

import io.idempotency.web.IdempotencyProperties.KeySyntax;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What a web server refuses by itself before a resolver sees it.
 */
@Tag("quick")
class HeaderKeyResolverTests {

	static IntStream controlCharacters() {
		return IntStream.concat(IntStream.range(0, 0x20), IntStream.of(0x7f));
	}

	@ParameterizedTest
	@MethodSource("controlCharacters")
	@DisplayName("K6: a control character is refused, in quotes or not")
	void refusesControlCharacter(int character) {
		String value = "ab" + (char) character + "cd";
		assertRefused(value);
		assertRefused("\"" + value + "\"");
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("K6: every printable ASCII character may be in a String")
	void acceptsEveryPrintableCharacter(KeySyntax syntax) {
		StringBuilder key = new StringBuilder();
		IntStream.rangeClosed(' ', '~').forEach((character) -> key.append((char) character));
		String quoted = "\"" + key.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
		assertThat(new HeaderKeyResolver("Key", syntax).resolveKey(requestWith(quoted))).isEqualTo(key.toString());
	}

	@ParameterizedTest
	@MethodSource("controlCharacters")
	@DisplayName("K6: a control character is refused at either end, too, where a tab is white space")
	void refusesControlCharacterAtEitherEnd(int character) {
		for (String value : List.of((char) character + "ab", "ab" + (char) character)) {
			if (character == '\t') {
				assertThat(lenient(value)).isEqualTo("ab");
			}
			else {
				assertRefused(value);
			}
		}
	}

	@Test
	@DisplayName("K6: a bare key may hold every character but controls, as it came")
	void acceptsEveryOtherCharacterInBareKey() {
		for (int character = ' '; character <= 0xffff; character++) {
			String key = "ab" + (char) character + "cd";
			if (character != 0x7f) {
				assertThat(lenient(key)).as("U+%04X", character).isEqualTo(key);
				assertThat(lenient(" \t" + key + "\t ")).as("U+%04X", character).isEqualTo(key);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "schön", "Änderung", "€", "你好", "👋", "É, À", "\u00a0", "a\u2003b" })
	@DisplayName("K6: a key in UTF-8 is a key where the server reads headers as ISO-8859-1")
	void acceptsUtf8ReadAsLatin1(String key) {
		String asRead = latin1(key);
		assertThat(lenient(asRead)).isEqualTo(asRead);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|',
			value = { "abc, abc | abc", "abc,abc | abc", "abc \t, \tabc | abc", "abc, abc, abc | abc", "a,b, a,b | a,b",
					"a, b,a, b | a, b", "a,b,c, a,b,c, a,b,c | a,b,c", "a b, a b | a b", "a\"b, a\"b | a\"b",
					"é, é | é" })
	@DisplayName("K6: equal header lines that a proxy merged are one key")
	void takesMergedLinesAsOne(String merged, String key) {
		assertThat(lenient(merged)).isEqualTo(key);
		assertThat(new HeaderKeyResolver("Key", KeySyntax.LENIENT).resolveKey(requestWith(merged, key))).isEqualTo(key);
	}

	@ParameterizedTest
	@ValueSource(strings = { "abc, abd", "abc, ABC", "abc, abc,", "abc,", "a,b", "a,b,a", "abc, abc, abd", "a,,b", ",",
			", ,", "a, b,a,b", "abc, \"abc\"", "abc; abc", "abcabc" })
	@DisplayName("K6: another comma is part of a bare key")
	void takesCommaAsPartOfBareKey(String key) {
		assertThat(lenient(key)).isEqualTo(key);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|',
			value = { "\"abc\", \"abc\" | abc", "\"abc\",\"abc\" | abc", "\"abc\" , \"abc\", \"abc\" | abc",
					"\"a,b\", \"a,b\" | a,b", "\"a\\\"\", \"a\\\"\" | a\"", "\"abc\";a=1, \"abc\";b=\"x,y\" | abc" })
	@DisplayName("K6: equal Strings that a proxy merged are one key")
	void takesMergedStringsAsOne(String merged, String key) {
		assertThat(lenient(merged)).isEqualTo(key);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new HeaderKeyResolver("Key", KeySyntax.STRICT).resolveKey(requestWith(merged)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"abc\", \"abd\"", "\"abc\", abc", "\"abc\",", "\"abc\", ", "\"abc\",, \"abc\"",
			"\"abc\" \"abc\"", "\"abc\"\"abc\"", "\"abc\", \"abc", "\"schön\"", "\"abc\";a=é" })
	@DisplayName("K6: other Strings are refused")
	void refusesOtherStrings(String value) {
		assertRefused(value);
	}

	@Test
	@DisplayName("K6: in strict syntax, nothing but one String is a key")
	void refusesBareKeyWhereStrict() {
		HeaderKeyResolver strict = new HeaderKeyResolver("Key", KeySyntax.STRICT);
		for (String value : List.of("abc", "abc, abc", "é", "a\u0085", "\"é\"")) {
			assertThatIllegalArgumentException().isThrownBy(() -> strict.resolveKey(requestWith(value)))
				.withMessageNotContaining(value);
		}
		assertThat(strict.resolveKey(requestWith("\"abc\"", "\"abc\";a"))).isEqualTo("abc");
	}

	@Test
	@DisplayName("K6: a long header neither overflows the stack nor backtracks for ever")
	void readsLongHeaders() {
		for (String unit : List.of(",", "a,", ", ", "a, a,", " ", "\"a\",", "\"\\\"\",", "\"a\"; a,", "é")) {
			String value = unit.repeat(180_180 / unit.length());
			for (String header : List.of(value, value + "b", "b" + value, "a" + value + "\"")) {
				try {
					lenient(header);
				}
				catch (IllegalArgumentException ex) {
					assertThat(ex).hasMessageContaining("The header Key ");
				}
			}
		}
	}

	private static @Nullable String lenient(String value) {
		return new HeaderKeyResolver("Key", KeySyntax.LENIENT).resolveKey(requestWith(value));
	}

	/**
	 * Returns a text as a server reads it that takes the bytes of a header for
	 * ISO-8859-1.
	 */
	private static String latin1(String text) {
		return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
	}

	private static void assertRefused(String value) {
		HeaderKeyResolver resolver = new HeaderKeyResolver("Key", KeySyntax.LENIENT);
		assertThatIllegalArgumentException().isThrownBy(() -> resolver.resolveKey(requestWith(value)))
			.withMessageContaining("The header Key ")
			.withMessageNotContaining(value);
	}

	private static ProtectedRequest requestWith(String... values) {
		return new HeaderOnlyRequest("Key", values);
	}

}
