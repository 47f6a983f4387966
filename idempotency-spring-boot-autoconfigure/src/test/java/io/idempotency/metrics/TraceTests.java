package io.idempotency.metrics;

import java.util.List;
import java.util.Map;

import io.idempotency.metrics.ObservedPayments.Spans;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.micrometer.tracing.exporter.FinishedSpan;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class TraceTests {

	private static final String FIRST_TRACE = "0af7651916cd43dd8448eb211c80319c";

	private static final String RETRY_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

	private final TestApp app = TestApp.shared(List.of(ObservedPayments.class), StoreKind.MEMORY, "test.actuator=true",
			"management.tracing.sampling.probability=1.0");

	@Test
	@DisplayName("The trace of a replay names the trace that made the response")
	void namesTraceThatMadeResponse() {
		String key = TestApp.newKey();
		post("/required", key, FIRST_TRACE);
		assertThat(post("/required", key, RETRY_TRACE)).doesNotContain("trace");
		FinishedSpan retry = request(RETRY_TRACE);
		assertThat(retry.getTags()).containsEntry(ReplayTracing.ORIGINAL_TRACE, FIRST_TRACE);
		assertThat(request(FIRST_TRACE).getTags()).doesNotContainKey(ReplayTracing.ORIGINAL_TRACE);
	}

	@Test
	@DisplayName("A store's calls are spans of the request's trace, with few tags")
	void makesStoreCallsSpans() {
		String trace = "11111111111111111111111111111111";
		post("/customers/alice/payments", TestApp.newKey(), trace);
		String requestSpan = request(trace).getSpanId();
		List<FinishedSpan> calls = spans(trace).stream()
			.filter((span) -> span.getName().startsWith("idempotency"))
			.toList();
		assertThat(calls).extracting(FinishedSpan::getName)
			.containsExactly("idempotency acquire", "idempotency complete");
		assertThat(calls).allSatisfy((span) -> assertThat(span.getParentId()).isEqualTo(requestSpan));
		assertThat(calls.get(0).getTags()).containsExactlyInAnyOrderEntriesOf(
				Map.of(ObservedStoreCalls.STORE, "memory", ObservedStoreCalls.OPERATION, "acquire"));
	}

	@Test
	@DisplayName("A store's failure is an error of its span")
	void showsStoreFailureInSpan() {
		String trace = "22222222222222222222222222222222";
		post("/broken", TestApp.newKey(), trace);
		request(trace);
		assertThat(spans(trace)).filteredOn((span) -> span.getName().equals("idempotency acquire"))
			.singleElement()
			.satisfies((span) -> assertThat(span.getError()).hasMessage("The store is away"));
	}

	private List<String> post(String path, String key, String trace) {
		return List.copyOf(this.app.post(path, key, "{}", "traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
			.headers()
			.map()
			.keySet());
	}

	/**
	 * Returns the span of the request itself, which ends when the client has its answer.
	 */
	private FinishedSpan request(String trace) {
		return await()
			.until(() -> spans(trace).stream().filter((span) -> span.getName().startsWith("http")).toList(),
					(found) -> found.size() == 1)
			.get(0);
	}

	private List<FinishedSpan> spans(String trace) {
		return this.app.bean(Spans.class).all().stream().filter((span) -> span.getTraceId().equals(trace)).toList();
	}

}
