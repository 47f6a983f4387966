package io.idempotency.web.gate;

import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.mock.web.MockHttpServletResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is added to the headers that an application exposes already.
 */
class ExposedHeadersTests {

	private final ExposedHeaders headers = new ExposedHeaders("Idempotent-Replayed");

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none", textBlock = """
			none                                     | false | Idempotent-Replayed, Retry-After
			Location                                 | false | Location, Idempotent-Replayed, Retry-After
			retry-after                              | false | retry-after, Idempotent-Replayed
			IDEMPOTENT-REPLAYED,Location,retry-after | false | IDEMPOTENT-REPLAYED,Location,retry-after
			*                                        | false | *
			*                                        | true  | *, Idempotent-Replayed, Retry-After
			""")
	@DisplayName("R2: nothing is exposed twice, and an asterisk suffices unless credentials are allowed")
	void addsWhatIsMissing(String exposed, boolean credentials, String expected) {
		MockHttpServletResponse response = new MockHttpServletResponse();
		response.setHeader("Access-Control-Allow-Origin", "https://shop.example.org");
		if (exposed != null) {
			response.setHeader("Access-Control-Expose-Headers", exposed);
		}
		if (credentials) {
			response.setHeader("Access-Control-Allow-Credentials", "true");
		}
		addTo(response);
		addTo(response);
		assertThat(response.getHeaders("Access-Control-Expose-Headers")).isEqualTo(List.of(expected));
	}

	private void addTo(MockHttpServletResponse response) {
		String exposed = this.headers.addTo((name) -> response.getHeaders(name));
		if (exposed != null) {
			response.setHeader("Access-Control-Expose-Headers", exposed);
		}
	}

}
