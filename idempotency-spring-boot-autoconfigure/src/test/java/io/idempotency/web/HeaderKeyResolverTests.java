package io.idempotency.web;

import java.util.stream.IntStream;

import io.idempotency.web.IdempotencyProperties.KeySyntax;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What a web server refuses by itself before a resolver sees it.
 */
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

	private static void assertRefused(String value) {
		HeaderKeyResolver resolver = new HeaderKeyResolver("Key", KeySyntax.LENIENT);
		assertThatIllegalArgumentException().isThrownBy(() -> resolver.resolveKey(requestWith(value)))
			.withMessageContaining("The header Key ")
			.withMessageNotContaining(value);
	}

	private static ProtectedRequest requestWith(String value) {
		return new HeaderOnlyRequest("Key", value);
	}

}
