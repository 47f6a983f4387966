package io.idempotency.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A request that is cut off while the work of its asynchronous handler goes on.
 */
@ParameterizedClass
@EnumSource
class AsyncCutOffTests {

	private static final String SHORT_TIMEOUT = "spring.mvc.async.request-timeout=200ms";

	private final StoreKind store;

	AsyncCutOffTests(StoreKind store) {
		this.store = store;
	}

	private TestApp app(String... properties) {
		return TestApp.shared(List.of(Payments.class), this.store, properties);
	}

	@Test
	@DisplayName("C7: an asynchronous handler that outlasts its request does not run again before its lease lapses")
	void blocksKeyOfHandlerThatMayStillRun() {
		TestApp app = app(SHORT_TIMEOUT);
		String key = TestApp.newKey();
		assertThat(app.post("/future", key, "{}").statusCode()).isEqualTo(503);
		assertThat(app.post("/future", key, "{}").statusCode()).isEqualTo(409);
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("C7: when its lease has lapsed, the next request runs")
	void runsAgainWhenLeaseHasLapsed() {
		TestApp app = app(SHORT_TIMEOUT, "idempotency.lease-duration=500ms");
		String key = TestApp.newKey();
		assertThat(app.post("/future", key, "{}").statusCode()).isEqualTo(503);
		await().until(() -> app.post("/future", key, "{}").statusCode() != 409);
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(2);
	}

	@Test
	@DisplayName("C7: with on-abandoned=refuse, it never runs again")
	void neverRunsAgainWhereAbandonedRequestsAreRefused() {
		TestApp app = app(SHORT_TIMEOUT, "idempotency.lease-duration=500ms", "idempotency.on-abandoned=refuse");
		String key = TestApp.newKey();
		assertThat(app.post("/future", key, "{}").statusCode()).isEqualTo(503);
		await().until(() -> TestApp.text(app.post("/future", key, "{}")).contains("outcome-unknown"));
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("H2: a listener that answers a timeout and completes the request is the handler's answer")
	void storesAnswerOfListener() {
		TestApp app = app();
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = app.post("/listener", key, "{}");
		assertThat(TestApp.text(first)).isEqualTo("timed out, run 1");
		HttpResponse<byte[]> retry = app.post("/listener", key, "{}");
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		private final Map<String, CompletableFuture<String>> running = new ConcurrentHashMap<>();

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/future")
		CompletableFuture<String> future(@RequestHeader("Idempotency-Key") String key) {
			this.runs.next(key);
			return this.running.computeIfAbsent(key, (newKey) -> new CompletableFuture<>());
		}

		@PostMapping("/listener")
		void listener(@RequestHeader("Idempotency-Key") String key, HttpServletRequest request) {
			int run = this.runs.next(key);
			AsyncContext context = request.startAsync();
			context.setTimeout(200);
			context.addListener(new AnswerOnTimeout("timed out, run " + run));
		}

	}

	private record AnswerOnTimeout(String answer) implements AsyncListener {

		@Override
		public void onTimeout(AsyncEvent event) throws IOException {
			event.getAsyncContext().getResponse().getWriter().write(this.answer);
			event.getAsyncContext().complete();
		}

		@Override
		public void onComplete(AsyncEvent event) {
		}

		@Override
		public void onError(AsyncEvent event) {
		}

		@Override
		public void onStartAsync(AsyncEvent event) {
		}

	}

}
