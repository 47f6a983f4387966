package io.idempotency.conformance;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a client got.
 *
 * @param headers by their names in lower case, without those that tell one exchange from
 * the next
 */
record Answer(int status, Map<String, List<String>> headers, byte[] body) {

	static final String REPLAYED = "Idempotent-Replayed";

	private static final Set<String> OF_ONE_EXCHANGE = Set.of("date", "connection", "keep-alive", "transfer-encoding",
			"content-length");

	static Answer of(HttpResponse<byte[]> response) {
		Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		headers.putAll(response.headers().map());
		headers.keySet().removeAll(OF_ONE_EXCHANGE);
		return new Answer(response.statusCode(), headers, response.body());
	}

	@Nullable String header(String name) {
		List<String> values = this.headers.get(name);
		return (values != null) ? String.join(", ", values) : null;
	}

	String text() {
		return new String(this.body, StandardCharsets.UTF_8);
	}

	boolean isReplay() {
		return this.headers.containsKey(REPLAYED);
	}

	/**
	 * Checks that this is the first answer again: its status, its headers, its body, and
	 * the mark of a replay.
	 */
	void assertReplays(Answer first) {
		assertReplays(first, first.status(), REPLAYED);
	}

	void assertReplays(Answer first, int status, String mark) {
		assertThat(first.headers()).doesNotContainKey(mark);
		assertThat(this.status).isEqualTo(status);
		assertThat(header(mark)).isEqualTo("true");
		assertThat(this.body).isEqualTo(first.body());
		Map<String, List<String>> unmarked = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		unmarked.putAll(this.headers);
		unmarked.remove(mark);
		assertThat(unmarked).isEqualTo(first.headers());
	}

	/**
	 * Checks that this is a problem document of a type.
	 */
	void assertProblem(int status, String type) {
		assertThat(this.status).isEqualTo(status);
		assertThat(header("Content-Type")).isEqualTo("application/problem+json");
		assertThat(text()).contains(type + "\"");
		assertThat(isReplay()).isFalse();
	}

}
