package io.idempotency.conformance;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.web.IdempotencyKeyResolver;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.util.WebUtils;

import static io.idempotency.conformance.ConformanceClient.FORM;
import static io.idempotency.conformance.ConformanceClient.newKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What Flask-Idempotent promises.
 */
@ParameterizedClass
@EnumSource
class FlaskConformanceTests {

	private static final String HEADER = "X-Idempotent-Key";

	private static final Pattern INPUT = Pattern
		.compile("<input type=\"hidden\" name=\"__idempotent_key\" value=\"([^\"]+)\"\\s*/>");

	private final RecordStore store;

	private final String key = newKey();

	FlaskConformanceTests(RecordStore store) {
		this.store = store;
	}

	private ConformanceApp app() {
		return ConformanceApp.with("flask", this.store);
	}

	private ConformanceClient client() {
		return app().client(HEADER);
	}

	/**
	 * A client of an application that waits for less than a second, and for several
	 * durations of a lease.
	 */
	private ConformanceClient impatient() {
		return ConformanceApp
			.with("flask", this.store, "idempotency.wait-timeout=500ms", "idempotency.lease-duration=100ms")
			.client(HEADER);
	}

	@Test
	@DisplayName("FL-01, FL-10: four simultaneous POSTs with one key get one response; the later ones wait for it")
	void answersSimultaneousRequestsAlike() {
		ConformanceApp app = app();
		ConformanceClient client = app.client(HEADER);
		List<CompletableFuture<Answer>> requests = Stream.generate(() -> client.start(this.key, "/slow"))
			.limit(4)
			.toList();
		client.awaitRun(1);
		await().until(() -> app.bean(IdempotencyEngine.class).waiting() == 3);
		assertThat(requests).noneMatch(CompletableFuture::isDone);
		client.letGo();
		assertThat(requests).allSatisfy((request) -> {
			assertThat(request.join().status()).isEqualTo(201);
			assertThat(request.join().text()).isEqualTo("{\"run\":1}");
		});
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("FL-02: two keys have one result each")
	void keepsOneResultForEachKey() {
		ConformanceClient client = client();
		Set<String> results = new HashSet<>();
		Set<String> others = new HashSet<>();
		String otherKey = newKey();
		for (int i = 0; i < 4; i++) {
			results.add(client.post(this.key, "/things").text());
			others.add(client.post(otherKey, "/things").text());
		}
		assertThat(results).containsExactly("{\"run\":1}");
		assertThat(others).containsExactly("{\"run\":2}");
	}

	@Test
	@DisplayName("FL-03: five POSTs without a key have five results")
	void runsEachTimeWithoutKey() {
		ConformanceClient client = client();
		assertThat(Stream.generate(() -> client.post(null, "/things").text()).limit(5)).doesNotHaveDuplicates();
	}

	@Test
	@DisplayName("FL-04: a form carries a hidden input with a fresh UUID")
	void putsFreshKeyIntoForm() {
		ConformanceClient client = client();
		UUID one = UUID.fromString(hiddenKey(client));
		UUID other = UUID.fromString(hiddenKey(client));
		assertThat(one).isNotEqualTo(other);
		assertThat(one.version()).isEqualTo(4);
	}

	@Test
	@DisplayName("FL-04: a form of Thymeleaf carries the input by itself, but a form by GET, whose reload would show an old result")
	void putsKeyIntoFormsByThemselves() {
		ConformanceClient client = ConformanceApp.with("flask", this.store, List.of(FormsController.class))
			.client(HEADER);
		String page = client.send("GET", null, "/forms", "", "Accept", "text/html").text();
		assertThat(form(page, "remove")).containsPattern(INPUT);
		assertThat(form(page, "search")).doesNotContainPattern(INPUT);
		assertThat(form(page, "note")).doesNotContainPattern(INPUT).contains("action=\"/things?__idempotent_key=\"");
	}

	@Test
	@DisplayName("FL-05: a form that is submitted twice has one result")
	void replaysForm() {
		ConformanceClient client = client();
		String form = "amount=10&__idempotent_key=" + hiddenKey(client);
		Answer first = submit(client, form);
		assertThat(first.text()).isEqualTo("Paid 10 in run 1");
		submit(client, form).assertReplays(first);
	}

	@Test
	@DisplayName("FL-06: a key means the same in the query, in a form and in the header")
	void readsKeyFromQueryFormAndHeader() {
		ConformanceClient client = client();
		Answer first = client.post(null, "/form?__idempotent_key=" + this.key, "amount=10", "Content-Type", FORM);
		assertThat(first.status()).isEqualTo(200);
		submit(client, "amount=10&__idempotent_key=" + this.key).assertReplays(first);
		client.post(this.key, "/form", "amount=10", "Content-Type", FORM).assertReplays(first);
	}

	@Test
	@DisplayName("FL-07: the key of a form or of the query wins over that of the header")
	void prefersParameterToHeader() {
		ConformanceClient client = client();
		Answer first = submit(client, "amount=10&__idempotent_key=" + this.key);
		client.post(newKey(), "/form", "amount=10&__idempotent_key=" + this.key, "Content-Type", FORM)
			.assertReplays(first);
		client.post(newKey(), "/things?__idempotent_key=" + this.key).assertReplays(first);
	}

	@Test
	@DisplayName("FL-08: a retry gets status, body and all headers of the first")
	void replaysWholeResponse() {
		ConformanceClient client = client();
		Answer first = client.post(this.key, "/things");
		Answer retry = client.post(this.key, "/things");
		retry.assertReplays(first);
		assertThat(retry.header("Location")).isEqualTo("/things/1");
	}

	@Test
	@DisplayName("FL-09: Set-Cookie is not replayed, which the original does")
	void replaysNoCookie() {
		ConformanceClient client = client();
		assertThat(client.post(this.key, "/cookie").headers()).containsKey("Set-Cookie");
		Answer retry = client.post(this.key, "/cookie");
		assertThat(retry.isReplay()).isTrue();
		assertThat(retry.headers()).containsKey("Location").doesNotContainKey("Set-Cookie");
	}

	@Test
	@DisplayName("FL-11, FL-12, FL-19: who has waited in vain is answered 408 soon after; the first runs on, alone, however long it takes")
	void refusesWhenWaitIsOver() {
		ConformanceClient client = impatient();
		CompletableFuture<Answer> first = client.start(this.key, "/slow");
		client.awaitRun(1);
		client.start(this.key, "/slow").orTimeout(9, TimeUnit.SECONDS).join().assertProblem(408, "wait-timeout");
		assertThat(first).isNotDone();
		assertThat(client.runs()).isEqualTo(1);
		client.letGo();
		assertThat(first.join().status()).isEqualTo(201);
		client.post(this.key, "/slow").assertReplays(first.join());
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("FL-13: a response is kept for 240 s after its completion")
	void runsAsNewAfterExpiry() {
		ConformanceApp app = app();
		ConformanceClient client = app.client(HEADER);
		Answer first = client.post(this.key, "/things");
		app.advance(Duration.ofSeconds(230));
		client.post(this.key, "/things").assertReplays(first);
		app.advance(Duration.ofSeconds(10));
		assertThat(client.post(this.key, "/things").isReplay()).isFalse();
		assertThat(client.runs()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/refuse", "/status/400", "/status/404", "/status/500", "/status/204", "/redirect" })
	@DisplayName("FL-14: a response of every status is stored")
	void storesEveryStatus(String path) {
		ConformanceClient client = client();
		Answer first = client.post(this.key, path);
		client.post(this.key, path).assertReplays(first);
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("FL-15: a handler that throws frees its key, and the next request runs without a wait")
	void runsAgainAfterException() {
		ConformanceClient client = client();
		assertThat(client.post(this.key, "/fail-once").status()).isEqualTo(500);
		assertThat(client.start(this.key, "/fail-once").orTimeout(30, TimeUnit.SECONDS).join().status()).isEqualTo(200);
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("FL-16: a key is one result, whatever the path and the method, GET and DELETE included")
	void sharesResultAmongPathsAndMethods() {
		ConformanceClient client = client();
		Answer first = client.send("GET", this.key, "/things", "");
		client.send("GET", this.key, "/things", "").assertReplays(first);
		client.send("DELETE", this.key, "/things", "").assertReplays(first);
		client.post(this.key, "/other-things").assertReplays(first);
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("FL-17: whatever is sent again, the first result is replayed")
	void replaysChangedBody() {
		ConformanceClient client = client();
		Answer first = client.post(this.key, "/things?page=1", "{\"amount\": 1}");
		client.post(this.key, "/things?page=2", "{\"amount\": 2}").assertReplays(first);
	}

	@Test
	@DisplayName("FL-18: an empty key counts as absent")
	void ignoresEmptyKey() {
		ConformanceClient client = client();
		for (int i = 0; i < 2; i++) {
			client.post("", "/things?__idempotent_key=");
			submit(client, "amount=10&__idempotent_key=");
		}
		assertThat(client.runs()).isEqualTo(4);
	}

	@Test
	@DisplayName("FL-20: the application can look for the key elsewhere, where the usual places have none")
	void findsKeyElsewhere() {
		ConformanceClient client = ConformanceApp.with("flask", this.store, List.of(KeyInCookie.class)).client(HEADER);
		Answer first = client.post(null, "/things", "{}", "Cookie", "key=" + this.key);
		client.post(null, "/things", "{}", "Cookie", "key=" + this.key).assertReplays(first);
		assertThat(client.post(newKey(), "/things", "{}", "Cookie", "key=" + this.key).isReplay()).isFalse();
	}

	@Test
	@DisplayName("FL-23: by one property, an old form with changed fields is refused instead")
	void refusesOldFormWithChangedFields() {
		ConformanceClient client = ConformanceApp.with("flask", this.store, "idempotency.fingerprint=query,body")
			.client(HEADER);
		Answer first = submit(client, "amount=10&__idempotent_key=" + this.key);
		submit(client, "amount=20&__idempotent_key=" + this.key).assertProblem(422, "key-reused");
		submit(client, "__idempotent_key=" + this.key + "&amount=10").assertReplays(first);
	}

	private static Answer submit(ConformanceClient client, String form) {
		return client.post(null, "/form", form, "Content-Type", FORM);
	}

	private static String form(String page, String id) {
		int start = page.indexOf("<form id=\"" + id + "\"");
		assertThat(start).isPositive();
		return page.substring(start, page.indexOf("</form>", start));
	}

	private static String hiddenKey(ConformanceClient client) {
		Matcher matcher = INPUT.matcher(client.send("GET", null, "/page", "", "Accept", "text/html").text());
		assertThat(matcher.find()).isTrue();
		return matcher.group(1);
	}

	@Configuration(proxyBeanMethods = false)
	static class KeyInCookie {

		@Bean
		IdempotencyKeyResolver keyInHeaderOrCookie() {
			IdempotencyKeyResolver header = IdempotencyKeyResolver.header(HEADER);
			return (request) -> {
				String key = header.resolveKey(request);
				Cookie cookie = WebUtils.getCookie(Objects.requireNonNull(request.unwrap(HttpServletRequest.class)),
						"key");
				return (key == null && cookie != null) ? cookie.getValue() : key;
			};
		}

	}

	@Controller
	static class FormsController {

		@GetMapping("/forms")
		String forms() {
			return "conformance-forms";
		}

	}

}
