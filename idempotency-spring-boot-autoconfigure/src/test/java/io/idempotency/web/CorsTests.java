package io.idempotency.web;

import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a script from another origin sees.
 */
@ParameterizedClass
@EnumSource
class CorsTests {

	private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

	private static final String EXPOSE_HEADERS = "Access-Control-Expose-Headers";

	private final CorsKind cors;

	private final TestApp app;

	private final String name = UUID.randomUUID().toString();

	CorsTests(CorsKind cors) {
		this.cors = cors;
		this.app = cors.app();
		this.app.bean(ObservedStores.class).answer(null);
	}

	@Test
	@DisplayName("R2: the replay header and Retry-After are exposed beside what the application exposes, by a replay as by the first response")
	void exposesHeadersOfFirstResponseAndReplay() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = post("/things/" + this.name, key);
		HttpResponse<byte[]> retry = post("/things/" + this.name, key);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(List.of(first, retry)).allSatisfy((response) -> {
			assertThat(response.statusCode()).isEqualTo(201);
			assertThat(response.headers().allValues(ALLOW_ORIGIN)).containsExactly(CorsKind.ORIGIN);
			assertThat(exposed(response)).containsExactly("Location", "Idempotent-Replayed", "Retry-After");
		});
	}

	@Test
	@DisplayName("R2: a renamed replay header is exposed by its name")
	void exposesRenamedHeader() {
		TestApp renamed = this.cors.app("idempotency.replay-header=X-Replayed");
		assertThat(exposed(renamed.post("/things/" + this.name, TestApp.newKey(), "{}", "Origin", CorsKind.ORIGIN)))
			.containsExactly("Location", "X-Replayed", "Retry-After");
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("E1: each refusal exposes them too")
	void exposesHeadersOfRefusal(Refusal refusal) {
		this.app.bean(ObservedStores.class).answer(refusal.answer());
		HttpResponse<byte[]> response = post("/any-method/" + this.name, refusal.header(TestApp.newKey()));
		assertThat(response.statusCode()).isEqualTo(refusal.status());
		assertThat(response.headers().firstValue("Retry-After").isPresent()).isEqualTo(refusal.hasRetryAfter());
		assertThat(response.headers().allValues(ALLOW_ORIGIN)).containsExactly(CorsKind.ORIGIN);
		assertThat(exposed(response)).containsExactly("Location", "Idempotent-Replayed", "Retry-After");
	}

	@Test
	@DisplayName("R3: CORS headers that the first response set are not replayed, but written anew")
	void writesCorsHeadersOfReplayAnew() {
		String key = TestApp.newKey();
		this.app.post("/exposing/" + this.name, key, "{}");
		HttpResponse<byte[]> retry = post("/exposing/" + this.name, key);
		assertThat(exposed(retry)).containsExactly("Location", "Idempotent-Replayed", "Retry-After");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/things/", "/exempt/" })
	@DisplayName("K2, M5: without a key, or to an exempt handler, the response is as without the starter")
	void exposesNothingForUnprotectedRequest(String path) {
		HttpResponse<byte[]> response = post(path + this.name, path.equals("/exempt/") ? TestApp.newKey() : null);
		assertThat(response.headers().allValues(ALLOW_ORIGIN)).containsExactly(CorsKind.ORIGIN);
		assertThat(exposed(response)).containsExactly("Location");
	}

	@Test
	@DisplayName("K2: a request from the same origin gets no CORS headers")
	void exposesNothingToSameOrigin() {
		String key = TestApp.newKey();
		post("/things/" + this.name, key);
		HttpResponse<byte[]> retry = this.app.post("/things/" + this.name, key, "{}");
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(retry.headers().map()).doesNotContainKeys(EXPOSE_HEADERS.toLowerCase(Locale.ROOT),
				ALLOW_ORIGIN.toLowerCase(Locale.ROOT));
	}

	@Test
	@DisplayName("M4: a preflight needs no key and claims none, although the handler serves every method")
	void answersPreflightWithoutKey() {
		int calls = this.app.bean(ObservedStores.class).calls();
		for (@Nullable
		String key : Arrays.asList(null, TestApp.newKey(), "\"unterminated")) {
			HttpResponse<byte[]> response = this.app.send(
					this.app
						.request("OPTIONS", "/any-method/" + this.name, key, new byte[0], "Origin", CorsKind.ORIGIN,
								"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers",
								"content-type,idempotency-key")
						.build());
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(response.headers().allValues(ALLOW_ORIGIN)).containsExactly(CorsKind.ORIGIN);
			assertThat(response.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
				.containsIgnoringCase("idempotency-key");
		}
		assertThat(this.app.bean(ObservedStores.class).calls()).isEqualTo(calls);
		assertThat(this.app.bean(Runs.class).count(this.name)).isZero();
	}

	@Test
	@DisplayName("K2: where the application configured no CORS, there are no CORS headers, and a preflight needs no key")
	void addsNothingWithoutCors() {
		TestApp without = TestApp.shared(List.of(CrossOriginThings.class), StoreKind.MEMORY);
		String key = TestApp.newKey();
		for (int i = 0; i < 2; i++) {
			HttpResponse<byte[]> response = without.post("/things/" + this.name, key, "{}", "Origin", CorsKind.ORIGIN);
			assertThat(response.headers().map().keySet()).noneMatch((name) -> name.startsWith("access-control"));
		}
		HttpResponse<byte[]> preflight = without.send(
				without
					.request("OPTIONS", "/any-method/x", null, new byte[0], "Origin", CorsKind.ORIGIN,
							"Access-Control-Request-Method", "POST")
					.build());
		assertThat(preflight.statusCode()).isEqualTo(200);
		assertThat(preflight.headers().map().keySet()).noneMatch((name) -> name.startsWith("access-control"));
	}

	private HttpResponse<byte[]> post(String path, @Nullable String key) {
		return this.app.post(path, key, "{}", "Origin", CorsKind.ORIGIN);
	}

	private static List<String> exposed(HttpResponse<byte[]> response) {
		return response.headers()
			.allValues(EXPOSE_HEADERS)
			.stream()
			.flatMap((value) -> Arrays.stream(value.split(", *")))
			.toList();
	}

}
