package io.idempotency.forms;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.idempotency.Idempotent;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.util.HtmlUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which of the forms of a page carry a key, with the template engines that add it by
 * themselves.
 */
@ParameterizedClass
@EnumSource
class FormMethodTests {

	private static final String PARAMETER = "__idempotent_key";

	private static final Pattern FORM = Pattern.compile("<form ([^>]*)>(.*?)</form>", Pattern.DOTALL);

	private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=\"([^\"]*)\"");

	private static final Pattern INPUT = Pattern.compile("<input ([^>]*)>");

	private static final List<String> SENT_BY_POST = List.of("post", "plain-post", "put", "post-after-put", "patch",
			"delete", "renamed-delete", "head", "other-query");

	private final Engine engine;

	FormMethodTests(Engine engine) {
		this.engine = engine;
	}

	private TestApp app(Class<?> handler, String... properties) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.add("idempotency.key-parameter=" + PARAMETER);
		all.add("server.servlet.jsp.registered=" + (this.engine == Engine.JSP));
		return TestApp.shared(List.of(Pages.class, handler), StoreKind.MEMORY, all.toArray(String[]::new));
	}

	@Test
	@DisplayName("W1: a form that is sent by POST carries a key where POST is protected, whatever method is made of it")
	void addsKeyWherePostIsProtected() {
		Map<String, Form> forms = forms(app(Payments.class));
		assertThat(withKey(forms)).containsExactlyInAnyOrderElementsOf(known(forms, SENT_BY_POST));
	}

	@ParameterizedTest
	@ValueSource(strings = { "PUT", "PATCH", "DELETE" })
	@DisplayName("W1: a form carries a key where the method that is made of its POST is protected")
	void addsKeyWhereHiddenMethodIsProtected(String method) {
		Map<String, Form> forms = forms(app(Payments.class, "idempotency.methods=" + method));
		assertThat(withKey(forms)).containsExactly(method.toLowerCase(Locale.ROOT));
	}

	@Test
	@DisplayName("W1: a method that cannot be made of a POST gets no key")
	void addsNoKeyForOtherHiddenMethod() {
		assertThat(withKey(forms(app(Payments.class, "idempotency.methods=HEAD")))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(classes = { Payments.class, AnnotatedPayments.class })
	@DisplayName("W1: a form that is sent by GET carries no key by itself, even where GET is protected")
	void addsNoKeyToGetForms(Class<?> handler) {
		Map<String, Form> forms = forms(app(handler, "idempotency.methods=GET, HEAD, POST, PUT, PATCH, DELETE"));
		assertThat(withKey(forms)).containsExactlyInAnyOrderElementsOf(known(forms, SENT_BY_POST));
	}

	@Test
	@DisplayName("W1, K7: a form by GET carries a key if it says so, and then runs once")
	void letsGetFormCarryKey() {
		TestApp app = app(Payments.class, "idempotency.methods=GET, POST");
		Form form = form(forms(app), "get-with-key");
		String path = form.path() + "?" + PARAMETER + "=" + UUID.fromString(form.inputs().get(PARAMETER));
		assertThat(submit(app, "GET", path, "").headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(submit(app, "GET", path, "").headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@Test
	@DisplayName("W1, K3: a form whose action names the parameter without a key carries none, and runs each time")
	void letsFormCarryNoKey() {
		TestApp app = app(Payments.class);
		Form form = form(forms(app), "no-key");
		assertThat(form.inputs()).doesNotContainKey(PARAMETER);
		String first = TestApp.text(submit(app, "POST", form.path(), "amount=10"));
		assertThat(TestApp.text(submit(app, "POST", form.path(), "amount=10"))).isNotEqualTo(first);
	}

	@Test
	@DisplayName("W1, K7: a form whose action has a key carries that one")
	void letsActionCarryKey() {
		TestApp app = app(Payments.class);
		Form form = form(forms(app), "own-key");
		assertThat(form.inputs()).doesNotContainKey(PARAMETER);
		assertThat(submit(app, "POST", form.path(), "amount=10").statusCode()).isEqualTo(200);
		assertThat(submit(app, "POST", form.path(), "amount=10").headers().firstValue("Idempotent-Replayed"))
			.hasValue("true");
	}

	private HttpResponse<byte[]> submit(TestApp app, String method, String path, String body) {
		return app.send(app.request(method, path, null, body.getBytes(StandardCharsets.UTF_8), "Content-Type",
				"application/x-www-form-urlencoded")
			.build());
	}

	/**
	 * Returns those names of forms that the page of the template engine has.
	 */
	private static List<String> known(Map<String, Form> forms, List<String> names) {
		List<String> known = names.stream().filter(forms::containsKey).toList();
		assertThat(known).isNotEmpty();
		return known;
	}

	private static Set<String> withKey(Map<String, Form> forms) {
		TreeSet<String> names = new TreeSet<>();
		forms.forEach((name, form) -> {
			if (form.inputs().containsKey(PARAMETER) && !name.equals("get-with-key")) {
				names.add(name);
			}
		});
		return names;
	}

	private static Form form(Map<String, Form> forms, String name) {
		return Objects.requireNonNull(forms.get(name), name);
	}

	private Map<String, Form> forms(TestApp app) {
		HttpResponse<byte[]> response = app.send(app.request("GET", this.engine.path, null, new byte[0]).build());
		String page = TestApp.text(response);
		assertThat(response.statusCode()).as(page).isEqualTo(200);
		Map<String, Form> forms = new TreeMap<>();
		FORM.matcher(page).results().forEach((form) -> {
			Map<String, String> attributes = attributes(form.group(1));
			Map<String, String> inputs = new TreeMap<>();
			INPUT.matcher(form.group(2)).results().map((input) -> attributes(input.group(1))).forEach((input) -> {
				assertThat(input).containsEntry("type", "hidden");
				assertThat(inputs.put(input.get("name"), input.get("value"))).isNull();
			});
			forms.put(attributes.get("id"), new Form(attributes.getOrDefault("action", ""), inputs));
		});
		assertThat(forms).hasSizeGreaterThan(12);
		return forms;
	}

	private static Map<String, String> attributes(String html) {
		Map<String, String> attributes = new TreeMap<>();
		for (MatchResult attribute : ATTRIBUTE.matcher(html).results().toList()) {
			attributes.put(attribute.group(1), HtmlUtils.htmlUnescape(attribute.group(2)));
		}
		return attributes;
	}

	enum Engine {

		THYMELEAF("/forms"), JSP("/jsp-forms");

		private final String path;

		Engine(String path) {
			this.path = path;
		}

	}

	/**
	 * A form of a page.
	 *
	 * @param action where it is sent to
	 * @param inputs its hidden inputs
	 */
	record Form(String action, Map<String, String> inputs) {

		/**
		 * Returns the action as a path with its query.
		 */
		String path() {
			URI uri = URI.create(this.action);
			return uri.getRawPath() + ((uri.getRawQuery() != null) ? "?" + uri.getRawQuery() : "");
		}

	}

	@Controller
	static class Pages {

		@GetMapping("/forms")
		String forms() {
			return "forms";
		}

		@GetMapping("/jsp-forms")
		String jspForms() {
			return "forward:/forms.jsp";
		}

	}

	@Controller
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@RequestMapping("/pay")
		@ResponseBody
		String pay() {
			return "payment " + this.runs.next("pay");
		}

	}

	@Controller
	static class AnnotatedPayments {

		@Idempotent(optional = true)
		@RequestMapping("/pay")
		@ResponseBody
		String pay() {
			return "payment";
		}

	}

}
