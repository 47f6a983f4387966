package io.idempotency.gauntlet;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the named cases have in common: handlers that charge by a {@link Ledger}, in
 * applications whose records are in memory unless a case says otherwise.
 */
final class Cases {

	private static final HttpClient CLIENT = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(10))
		.build();

	private Cases() {
	}

	/**
	 * Starts an application with a ledger.
	 */
	static TestApp start(List<Class<?>> configuration, String... properties) {
		List<Class<?>> all = new ArrayList<>(configuration);
		all.add(Ledger.class);
		return TestApp.start(all,
				Stream.concat(Stream.of("idempotency.store=memory"), Stream.of(properties)).toArray(String[]::new));
	}

	/**
	 * Returns an application with a ledger that tests share.
	 */
	static TestApp shared(List<Class<?>> configuration, String... properties) {
		List<Class<?>> all = new ArrayList<>(configuration);
		all.add(Ledger.class);
		return TestApp.shared(all, StoreKind.MEMORY, properties);
	}

	static HttpResponse<byte[]> post(TestApp app, String path, @Nullable String key, String run, String... headers) {
		return app.send(request(app, path, key, run, headers));
	}

	static CompletableFuture<HttpResponse<byte[]>> postAsync(TestApp app, String path, @Nullable String key, String run,
			String... headers) {
		return sendAsync(request(app, path, key, run, headers));
	}

	static CompletableFuture<HttpResponse<byte[]>> sendAsync(HttpRequest request) {
		return CLIENT.sendAsync(request, BodyHandlers.ofByteArray());
	}

	private static HttpRequest request(TestApp app, String path, @Nullable String key, String run, String... headers) {
		String[] all = Stream.concat(Stream.of(headers), Stream.of("X-Run", run)).toArray(String[]::new);
		return app.request("POST", path, key, "{}".getBytes(StandardCharsets.UTF_8), all).build();
	}

	static int runs(TestApp app, String run) {
		return app.bean(Ledger.class).runs(run);
	}

	static boolean isReplay(HttpResponse<byte[]> response) {
		return response.headers().firstValue("Idempotent-Replayed").isPresent();
	}

	static void assertReplay(HttpResponse<byte[]> retry, HttpResponse<byte[]> first) {
		assertThat(isReplay(first)).isFalse();
		assertThat(isReplay(retry)).as("Is a replay: %s %s", retry, TestApp.text(retry)).isTrue();
		assertThat(retry.statusCode()).isEqualTo(first.statusCode());
		assertThat(TestApp.text(retry)).isEqualTo(TestApp.text(first));
	}

	static void assertNotStored(HttpResponse<byte[]> retry) {
		assertThat(retry.statusCode()).isEqualTo(409);
		assertThat(TestApp.text(retry)).contains(":response-not-stored\"");
	}

	static void assertNothingIsLeft(TestApp app) {
		IdempotencyEngine engine = app.bean(IdempotencyEngine.class);
		await(() -> engine.leasesHeld() == 0 && engine.waiting() == 0);
	}

	static void await(Callable<Boolean> condition) {
		Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(condition);
	}

}
