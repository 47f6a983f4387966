package io.idempotency.web;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.MatrixVariable;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource
class ScopeTests {

	private final StoreKind store;

	ScopeTests(StoreKind store) {
		this.store = store;
	}

	private TestApp app(String... properties) {
		return TestApp.shared(List.of(Payments.class), this.store, properties);
	}

	@Test
	@DisplayName("F1: the same key on another path or with another method is another operation")
	void separatesPathsAndMethods() {
		TestApp app = app();
		String key = TestApp.newKey();
		assertThat(TestApp.text(app.post("/payments/1", key, "{}"))).isEqualTo("1");
		assertThat(TestApp.text(app.post("/payments/2", key, "{}"))).isEqualTo("2");
		assertThat(TestApp.text(patch(app, "/payments/1", key))).isEqualTo("3");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}"))).isEqualTo("1");
	}

	@Test
	@DisplayName("F8: matrix variables are part of the path if the handler asks for them, a session's identifier is not")
	void separatesMatrixVariables() {
		TestApp app = app();
		String key = TestApp.newKey();
		assertThat(TestApp.text(app.post("/matrix/1;amount=5", key, "{}"))).isEqualTo("1 of 5");
		assertThat(TestApp.text(app.post("/matrix/1;amount=500", key, "{}"))).isEqualTo("2 of 500");
		assertThat(TestApp.text(app.post("/matrix/1;amount=%35;jsessionid=ABC", key, "{}"))).isEqualTo("1 of 5");
		assertThat(TestApp.text(app.post("/payments/1;amount=5", key, "{}"))).isEqualTo("3");
		assertThat(TestApp.text(app.post("/payments/1;amount=500", key, "{}"))).isEqualTo("3");
		assertThat(TestApp.text(app.post("/payments/%31", key, "{}"))).isEqualTo("3");
	}

	@Test
	@DisplayName("F1: principals do not share keys, whoever retries gets their own response")
	void separatesPrincipals() {
		TestApp app = TestApp.shared(List.of(Payments.class, Security.class), this.store, "test.security=true");
		String key = TestApp.newKey();
		HttpResponse<byte[]> alice = app.post("/payments/1", key, "{}", "Authorization", basic("alice"));
		HttpResponse<byte[]> bob = app.post("/payments/1", key, "{\"other\":1}", "Authorization", basic("bob"));
		assertThat(TestApp.text(alice)).isEqualTo("1");
		assertThat(TestApp.text(bob)).isEqualTo("2");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}", "Authorization", basic("alice")))).isEqualTo("1");
		assertThat(app.post("/payments/1", key, "{}").statusCode()).isEqualTo(401);
	}

	@Test
	@DisplayName("F1: scope=authorization separates by the header's value")
	void separatesAuthorization() {
		TestApp app = app("idempotency.scope=authorization");
		String key = TestApp.newKey();
		assertThat(TestApp.text(app.post("/payments/1", key, "{}", "Authorization", "Bearer a"))).isEqualTo("1");
		assertThat(TestApp.text(app.post("/payments/2", key, "{}", "Authorization", "Bearer a"))).isEqualTo("1");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}", "Authorization", "Bearer b"))).isEqualTo("2");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}"))).isEqualTo("3");
	}

	@Test
	@DisplayName("F1: scope-headers separates tenants, an absent header from an empty one included")
	void separatesScopeHeaders() {
		TestApp app = app("idempotency.scope-headers=X-Tenant");
		String key = TestApp.newKey();
		assertThat(TestApp.text(app.post("/payments/1", key, "{}", "X-Tenant", "acme"))).isEqualTo("1");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}", "x-tenant", "globex"))).isEqualTo("2");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}"))).isEqualTo("3");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}", "X-Tenant", ""))).isEqualTo("4");
		assertThat(TestApp.text(app.post("/payments/1", key, "{}", "X-TENANT", "acme"))).isEqualTo("1");
	}

	@Test
	@DisplayName("F1: scope= (empty) is one global space")
	void sharesKeysInEmptyScope() {
		TestApp app = app("idempotency.scope=");
		String key = TestApp.newKey();
		assertThat(TestApp.text(app.post("/payments/1", key, "{}"))).isEqualTo("1");
		assertThat(TestApp.text(patch(app, "/payments/2", key))).isEqualTo("1");
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("F1: body and query in the scope make a changed one a new operation")
	void separatesBodiesAndQueries() {
		TestApp app = app("idempotency.scope=path,query,body");
		String key = TestApp.newKey();
		assertThat(TestApp.text(app.post("/payments/1", key, "{\"amount\":1}"))).isEqualTo("1");
		assertThat(TestApp.text(app.post("/payments/1", key, "{\"amount\":2}"))).isEqualTo("2");
		assertThat(TestApp.text(app.post("/payments/1?a=b", key, "{\"amount\":2}"))).isEqualTo("3");
		assertThat(TestApp.text(app.post("/payments/1", key, "{\"amount\":1}"))).isEqualTo("1");
	}

	@Test
	@DisplayName("F6: a bean of type IdempotencyScopeResolver replaces the default")
	void usesScopeResolverOfApplication() {
		TestApp app = TestApp.shared(List.of(Payments.class, OneScope.class), this.store);
		String key = TestApp.newKey();
		assertThat(TestApp.text(app.post("/payments/1", key, "{}"))).isEqualTo("1");
		assertThat(TestApp.text(app.post("/payments/2", key, "{}"))).isEqualTo("1");
	}

	private static HttpResponse<byte[]> patch(TestApp app, String path, String key) {
		return app.send(app.request("PATCH", path, key, "{}".getBytes(StandardCharsets.UTF_8)).build());
	}

	private static String basic(String user) {
		return "Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
	}

	@Configuration(proxyBeanMethods = false)
	static class OneScope {

		@Bean
		IdempotencyScopeResolver oneScope() {
			return (request) -> "one";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Security {

		@Bean
		SecurityFilterChain securityFilterChain(HttpSecurity http) {
			return http.csrf((csrf) -> csrf.disable())
				.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(Customizer.withDefaults())
				.build();
		}

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(User.withUsername("alice").password("{noop}secret").build(),
					User.withUsername("bob").password("{noop}secret").build());
		}

	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping({ "/payments/1", "/payments/2" })
		int pay(@RequestHeader("Idempotency-Key") String key) {
			return this.runs.next(key);
		}

		@PostMapping("/matrix/{id}")
		String matrix(@RequestHeader("Idempotency-Key") String key, @MatrixVariable String amount) {
			return this.runs.next(key) + " of " + amount;
		}

		@PatchMapping({ "/payments/1", "/payments/2" })
		int change(@RequestHeader("Idempotency-Key") String key) {
			return this.runs.next(key);
		}

	}

}
