package io.idempotency.forms;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("compatibility")
class WebFormTests {

	private static final String PARAMETER = "__idempotent_key";

	private static final Pattern INPUT = Pattern
		.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\"\\s*/?>");

	private final HttpClient browser = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.cookieHandler(new CookieManager())
		.build();

	private static TestApp plain() {
		return TestApp.shared(List.of(Checkout.class), StoreKind.MEMORY, "idempotency.key-parameter=" + PARAMETER);
	}

	private static TestApp secured() {
		return TestApp.shared(List.of(Checkout.class, Security.class), StoreKind.MEMORY, "test.security=true",
				"idempotency.key-parameter=" + PARAMETER, "idempotency.wait-timeout=30s");
	}

	@Test
	@DisplayName("W1: each form whose method is protected carries a fresh UUID, other forms carry none")
	void addsHiddenInputToProtectedForms() throws Exception {
		String page = get(plain(), "/checkout");
		List<String> keys = new ArrayList<>();
		for (String form : List.of("pay", "again")) {
			keys.add(hiddenInputs(form(page, form)).get(PARAMETER));
		}
		keys.add(hiddenInputs(page.substring(page.indexOf("id=\"helper\""))).get(PARAMETER));
		keys.add(hiddenInputs(form(get(plain(), "/checkout"), "pay")).get(PARAMETER));
		assertThat(keys).doesNotHaveDuplicates().allSatisfy((key) -> {
			assertThat(key).isNotNull();
			assertThat(UUID.fromString(key).version()).isEqualTo(4);
		});
		assertThat(hiddenInputs(form(page, "search"))).isEmpty();
		assertThat(hiddenInputs(form(page, "find"))).isEmpty();
	}

	@Test
	@DisplayName("W1: the hidden input stands beside Spring Security's token")
	void standsBesideSecurityToken() throws Exception {
		String page = get(secured(), "/checkout");
		assertThat(hiddenInputs(form(page, "pay"))).containsOnlyKeys("_csrf", PARAMETER);
		assertThat(hiddenInputs(form(page, "search"))).isEmpty();
	}

	@Test
	@DisplayName("W1: a template that has no form support gets the hidden input from the helper, alone or in two parts")
	void offersHiddenInputToAnyTemplate() throws Exception {
		String page = get(plain(), "/plain-checkout");
		assertThat(List.of(hiddenInputs(form(page, "whole")), hiddenInputs(form(page, "parts"))))
			.allSatisfy((inputs) -> assertThat(inputs).containsOnlyKeys(PARAMETER))
			.extracting((inputs) -> UUID.fromString(String.valueOf(inputs.get(PARAMETER))))
			.doesNotHaveDuplicates();
	}

	@Test
	@DisplayName("W1: without key-parameter nothing is added")
	void addsNothingWithoutKeyParameter() {
		TestApp app = TestApp.shared(List.of(Checkout.class), StoreKind.MEMORY);
		assertThatExceptionOfType(NoSuchBeanDefinitionException.class)
			.isThrownBy(() -> app.bean(IdempotencyForm.class));
	}

	@Test
	@DisplayName("W2: a form submitted twice runs once, and both submits get the same redirect")
	void runsFormSubmittedTwiceOnce() throws Exception {
		TestApp app = secured();
		Map<String, String> fields = hiddenInputs(form(get(app, "/checkout"), "pay"));
		List<CompletableFuture<HttpResponse<String>>> clicks = new ArrayList<>();
		for (int i = 0; i < 2; i++) {
			clicks.add(this.browser.sendAsync(submit(app, fields, "10"), BodyHandlers.ofString()));
		}
		List<HttpResponse<String>> answers = clicks.stream().map(CompletableFuture::join).toList();
		assertThat(answers).allSatisfy((answer) -> assertThat(answer.statusCode()).isEqualTo(302));
		assertThat(answers.get(0).headers().firstValue("Location"))
			.isEqualTo(answers.get(1).headers().firstValue("Location"));
		URI receipt = URI.create(answers.get(0).headers().firstValue("Location").orElseThrow());
		assertThat(get(app, receipt.getPath())).isEqualTo("paid 10");
		HttpResponse<String> reload = this.browser.send(submit(app, fields, "10"), BodyHandlers.ofString());
		assertThat(reload.headers().firstValue("Location")).hasValue(receipt.toString());
		assertThat(app.bean(Runs.class).count(String.valueOf(fields.get(PARAMETER)))).isEqualTo(1);
	}

	@Test
	@DisplayName("W3: a form sent again with the old key and changed fields is refused")
	void refusesOldFormWithChangedFields() throws Exception {
		TestApp app = secured();
		Map<String, String> fields = hiddenInputs(form(get(app, "/checkout"), "pay"));
		this.browser.send(submit(app, fields, "10"), BodyHandlers.ofString());
		assertThat(this.browser.send(submit(app, fields, "20"), BodyHandlers.ofString()).statusCode()).isEqualTo(422);
		assertThat(app.bean(Runs.class).count(String.valueOf(fields.get(PARAMETER)))).isEqualTo(1);
	}

	private String get(TestApp app, String path) throws IOException, InterruptedException {
		return this.browser.send(HttpRequest.newBuilder(app.uri(path)).build(), BodyHandlers.ofString()).body();
	}

	private static HttpRequest submit(TestApp app, Map<String, String> hidden, String amount) {
		String body = hidden.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&", "", "&amount=" + amount));
		return HttpRequest.newBuilder(app.uri("/pay"))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(body))
			.build();
	}

	private static String form(String page, String id) {
		int start = page.indexOf("id=\"" + id + "\"");
		assertThat(start).isPositive();
		return page.substring(start, page.indexOf("</form>", start));
	}

	private static Map<String, String> hiddenInputs(String html) {
		Matcher matcher = INPUT.matcher(html);
		return matcher.results().collect(Collectors.toMap((input) -> input.group(1), (input) -> input.group(2)));
	}

	@Configuration(proxyBeanMethods = false)
	static class Security {

		@Bean
		SecurityFilterChain securityFilterChain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll()).build();
		}

	}

	@Controller
	@Import(Runs.class)
	static class Checkout {

		private final Runs runs;

		private final ObjectProvider<IdempotencyForm> form;

		Checkout(Runs runs, ObjectProvider<IdempotencyForm> form) {
			this.runs = runs;
			this.form = form;
		}

		@GetMapping("/checkout")
		String checkout(Model model) {
			model.addAttribute("idempotency", this.form.getObject());
			return "checkout";
		}

		@GetMapping("/plain-checkout")
		String plainCheckout(Model model) {
			model.addAttribute("idempotency", this.form.getObject());
			return "plain-checkout";
		}

		@PostMapping("/pay")
		String pay(@RequestParam(PARAMETER) String key, @RequestParam String amount) {
			this.runs.next(key);
			return "redirect:/receipts/" + UUID.randomUUID() + "-" + amount;
		}

		@GetMapping("/receipts/{receipt}")
		@ResponseBody
		String receipt(@PathVariable String receipt) {
			return "paid " + receipt.substring(receipt.lastIndexOf('-') + 1);
		}

	}

}
