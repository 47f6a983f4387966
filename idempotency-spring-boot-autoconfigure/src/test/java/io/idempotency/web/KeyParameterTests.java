package io.idempotency.web;

import java.net.http.HttpResponse;
import java.util.List;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

class KeyParameterTests {

	private static final String FORM = "application/x-www-form-urlencoded";

	private final TestApp app = TestApp.shared(List.of(Payments.class), StoreKind.MEMORY,
			"idempotency.key-parameter=__idempotent_key", "idempotency.methods=POST,GET");

	@Test
	@DisplayName("K7: the key may come as a form field")
	void readsKeyFromForm() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = form("/form", "amount=1&__idempotent_key=" + key);
		assertReplayed(form("/form", "__idempotent_key=" + key + "&amount=1"), first);
		assertThat(form("/form", "amount=2&__idempotent_key=" + key).statusCode()).isEqualTo(422);
		assertThat(TestApp.text(form("/form", "amount=1"))).isNotEqualTo(TestApp.text(first));
	}

	@Test
	@DisplayName("K7: the key may come as a field of a multipart body")
	void readsKeyFromMultipart() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = multipart(key, "1");
		assertThat(TestApp.text(first)).startsWith("1 ");
		assertReplayed(multipart(key, "1"), first);
		assertThat(multipart(key, "2").statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("K7: the key may come in the query, of a GET too, and is the same key in query, form and header")
	void readsKeyFromQueryFormAndHeaderAlike() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = form("/form?__idempotent_key=" + key, "amount=1");
		assertReplayed(form("/form", "amount=1&__idempotent_key=" + key), first);
		assertReplayed(this.app.post("/form", key, "amount=1", "Content-Type", FORM), first);
		HttpResponse<byte[]> get = this.app
			.send(this.app.request("GET", "/get?a=b&__idempotent_key=" + key, null, new byte[0]).build());
		assertReplayed(this.app.send(this.app.request("GET", "/get?a=b", key, new byte[0]).build()), get);
	}

	@Test
	@DisplayName("K7: a parameter wins over the header")
	void prefersParameterToHeader() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = form("/form", "amount=1&__idempotent_key=" + key);
		assertReplayed(
				this.app.post("/form", TestApp.newKey(), "amount=1&__idempotent_key=" + key, "Content-Type", FORM),
				first);
	}

	@Test
	@DisplayName("K3, K7: an empty parameter counts as absent, and two different ones are refused")
	void ignoresEmptyParameter() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/form", key, "amount=1&__idempotent_key=", "Content-Type", FORM);
		assertReplayed(this.app.post("/form", key, "amount=1", "Content-Type", FORM), first);
		assertThat(form("/form", "amount=1&__idempotent_key=a&__idempotent_key=b").statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("K7: a handler that reads a form as its body still gets it")
	void passesFormToHandlerThatReadsBody() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = form("/body", "amount=1&__idempotent_key=" + key);
		assertThat(TestApp.text(first)).startsWith("amount=1&__idempotent_key=" + key);
		assertReplayed(form("/body", "amount=1&__idempotent_key=" + key), first);
	}

	private HttpResponse<byte[]> form(String path, String body) {
		return this.app.post(path, null, body, "Content-Type", FORM);
	}

	private HttpResponse<byte[]> multipart(String key, String amount) {
		String body = """
				--x\r
				Content-Disposition: form-data; name="__idempotent_key"\r
				\r
				%s\r
				--x\r
				Content-Disposition: form-data; name="amount"\r
				\r
				%s\r
				--x--\r
				""".formatted(key, amount);
		return this.app.post("/form", null, body, "Content-Type", "multipart/form-data; boundary=x");
	}

	private static void assertReplayed(HttpResponse<byte[]> retry, HttpResponse<byte[]> first) {
		assertThat(first.statusCode()).isEqualTo(200);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(retry.body()).isEqualTo(first.body());
	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/form")
		String form(@RequestParam String amount) {
			return amount + " run " + this.runs.next("form");
		}

		@PostMapping(path = "/body", consumes = FORM)
		String body(@RequestBody String body) {
			return body + " run " + this.runs.next("body");
		}

		@GetMapping("/get")
		String get() {
			return "run " + this.runs.next("get");
		}

	}

}
