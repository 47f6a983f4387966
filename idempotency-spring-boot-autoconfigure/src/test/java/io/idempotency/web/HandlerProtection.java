package io.idempotency.web;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How an endpoint turns out to be protected, with and without a key.
 */
enum HandlerProtection {

	/**
	 * Each request runs, with a key or without.
	 */
	NONE,

	/**
	 * A retry is replayed; without a key each request runs.
	 */
	OPTIONAL,

	/**
	 * A retry is replayed; without a key no request runs.
	 */
	REQUIRED;

	void assertOn(TestApp app, String method, String path) {
		assertWithKey(app, method, path + "/" + UUID.randomUUID());
		assertWithoutKey(app, method, path + "/" + UUID.randomUUID());
		if (this == NONE) {
			assertIgnoresMalformedKey(app, method, path + "/" + UUID.randomUUID());
		}
	}

	private void assertWithKey(TestApp app, String method, String path) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = send(app, method, path, key);
		HttpResponse<byte[]> retry = send(app, method, path, key);
		assertThat(first.statusCode()).as("%s %s with a key", method, path).isEqualTo(201);
		assertThat(first.headers().map()).doesNotContainKey("idempotent-replayed");
		assertThat(retry.statusCode()).as("%s %s with the key again", method, path).isEqualTo(201);
		assertThat(retry.headers().map().containsKey("idempotent-replayed"))
			.as("%s %s is replayed to the second request", method, path)
			.isEqualTo(this != NONE);
		assertThat(runs(app, path)).as("runs of %s %s with a key", method, path).isEqualTo((this != NONE) ? 1 : 2);
	}

	private void assertWithoutKey(TestApp app, String method, String path) {
		for (int i = 0; i < 2; i++) {
			HttpResponse<byte[]> response = send(app, method, path, null);
			assertThat(response.statusCode()).as("%s %s without a key", method, path)
				.isEqualTo((this == REQUIRED) ? 400 : 201);
		}
		assertThat(runs(app, path)).as("runs of %s %s without a key", method, path)
			.isEqualTo((this == REQUIRED) ? 0 : 2);
	}

	private void assertIgnoresMalformedKey(TestApp app, String method, String path) {
		assertThat(send(app, method, path, "\"unterminated").statusCode()).isEqualTo(201);
	}

	private static HttpResponse<byte[]> send(TestApp app, String method, String path, @Nullable String key) {
		boolean hasBody = !method.equals("GET") && !method.equals("HEAD");
		byte[] body = hasBody ? "{}".getBytes(StandardCharsets.UTF_8) : new byte[0];
		return app.send(app.request(method, path, key, body).build());
	}

	private static int runs(TestApp app, String path) {
		return app.bean(Runs.class).count(path.substring(path.lastIndexOf('/') + 1));
	}

}
