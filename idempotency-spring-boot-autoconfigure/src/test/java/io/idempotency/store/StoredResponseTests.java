package io.idempotency.store;

import java.util.List;

import io.idempotency.store.StoredResponse.Header;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Tag("quick")
class StoredResponseTests {

	@ParameterizedTest
	@ValueSource(ints = { -1, 0, 99, 100, 199, 600, 999, 65_536 + 200 })
	void refusesStatusThatIsNotFinal(int status) {
		assertThatIllegalArgumentException().isThrownBy(() -> new StoredResponse(status, List.of(), new byte[0]));
	}

	@Test
	void keepsHeadersThatServersSend() {
		List<Header> headers = List.of(new Header("X-Text", "Grüße, 你好, 👋\t\u0085"), new Header("x-text", ""),
				new Header(":trace", "1"));
		assertThat(new StoredResponse(200, headers, new byte[0]).headers()).isEqualTo(headers);
	}

	/**
	 * A handler may have set them: the retries must not be refused for that.
	 */
	@Test
	void changesHeadersToWhatServersSend() {
		List<Header> headers = List.of(new Header("X", "a\r\nb\u0000c\u007f"), new Header("X Y", "no token"),
				new Header("", "no name"), new Header("Content-Length", "abc"),
				new Header("transfer-encoding", "chunked"), new Header("Y", "b"));
		StoredResponse response = new StoredResponse(200, headers, new byte[0]);
		assertThat(response.headers()).containsExactly(new Header("X", "a  b c "), new Header("Y", "b"));
		RecordKey key = new RecordKey("0".repeat(64));
		OutcomeCodec codec = OutcomeCodec.plain();
		assertThat(codec.decode(key, codec.encode(key, response))).isEqualTo(response);
	}

}
