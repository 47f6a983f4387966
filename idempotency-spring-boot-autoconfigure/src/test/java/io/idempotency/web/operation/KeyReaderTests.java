package io.idempotency.web.operation;

import io.idempotency.policy.KeyText;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Tag("quick")
class KeyReaderTests {

	@ParameterizedTest
	@CsvSource({ "'', '... (0 characters)'", "abc, ... (3 characters)", "abcd, a... (4 characters)",
			"0123456789abcdefg, 0123... (17 characters)", "👋👋👋👋, 👋... (4 characters)",
			"👋👋👋, ... (3 characters)", "abc👋👋👋👋👋👋👋👋👋👋👋👋👋, abc👋... (16 characters)",
			"a👋👋👋👋👋👋👋, a👋... (8 characters)" })
	@DisplayName("E3: a quarter of a key is shown, at most four characters, and none of them cut")
	void abbreviatesKey(String key, String abbreviated) {
		assertThat(KeyText.abbreviate(key)).isEqualTo(abbreviated);
	}

	@ParameterizedTest
	@CsvSource({ "\ud83d, ... (1 characters)", "a\ud83dbc, a... (4 characters)" })
	@DisplayName("E3: a lone surrogate counts as a character")
	void abbreviatesLoneSurrogate(String key, String abbreviated) {
		assertThat(KeyText.abbreviate(key)).isEqualTo(abbreviated);
	}

	@Test
	@DisplayName("K5: max-key-length counts characters, a surrogate pair as one")
	void countsCharacters() {
		KeyReader reader = new KeyReader((request) -> null, new KeyRules("Idempotency-Key", 4, false));
		assertThat(reader.accept("👋👋👋👋")).isEqualTo("👋👋👋👋");
		assertThatIllegalArgumentException().isThrownBy(() -> reader.accept("a👋👋👋👋"))
			.withMessageContaining("has 5 characters")
			.withMessageNotContaining("👋");
	}

}
