package io.idempotency.web;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that somebody else refuses before a handler runs.
 */
@ParameterizedClass
@EnumSource
class RefusedRequestTests {

	private final TestApp app;

	private final String name = UUID.randomUUID().toString();

	RefusedRequestTests(StoreKind store) {
		this.app = TestApp.shared(List.of(Guarded.class, Doors.class, ObservedStores.class), store,
				"test.security=true", "idempotency.mode=required");
	}

	@ParameterizedTest
	@CsvSource({ "POST, /nowhere/, ann, 404", "PATCH, /nowhere/, ann, 404", "GET, /post/, ann, 405",
			"PATCH, /post/, ann, 405", "POST, /text/, ann, 415", "POST, /post/, '', 401", "POST, /post/, bob, 401",
			"POST, /admin/, ann, 403", "POST, /nowhere/, '', 401", "POST, /locked/, ann, 423",
			"POST, /thrown/, ann, 410" })
	@DisplayName("M7: a request that is refused before its handler claims nothing, with a key or without")
	void claimsNothing(String method, String path, String user, int status) {
		int callsBefore = calls();
		for (String key : List.of("", TestApp.newKey(), "\"unterminated")) {
			assertThat(send(method, path, user, key).statusCode()).as("with the key '%s'", key).isEqualTo(status);
		}
		assertThat(calls()).isEqualTo(callsBefore);
		assertThat(runs()).isZero();
	}

	@Test
	@DisplayName("M7: a key whose request was refused can be used by one that is not")
	void leavesKeyFree() {
		String key = TestApp.newKey();
		assertThat(send("POST", "/admin/", "ann", key).statusCode()).isEqualTo(403);
		assertThat(send("POST", "/admin/", "root", key).statusCode()).isEqualTo(201);
		HttpResponse<byte[]> retry = send("POST", "/admin/", "root", key);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("M7: nobody gets a response that security keeps from them")
	void refusesReplayToOtherUser() {
		String key = TestApp.newKey();
		send("POST", "/admin/", "root", key);
		assertThat(send("POST", "/admin/", "ann", key).statusCode()).isEqualTo(403);
		assertThat(send("POST", "/admin/", "", key).statusCode()).isEqualTo(401);
	}

	@Test
	@DisplayName("M7: what a method's security refuses stores nothing")
	void storesNothingWhenMethodSecurityRefuses() {
		String key = TestApp.newKey();
		int completionsBefore = this.app.bean(ObservedStores.class).completions().size();
		assertThat(send("POST", "/method-secured/", "ann", key).statusCode()).isEqualTo(403);
		assertThat(send("POST", "/method-secured/", "ann", key).statusCode()).isEqualTo(403);
		assertThat(this.app.bean(ObservedStores.class).completions()).hasSize(completionsBefore);
		assertThat(send("POST", "/method-secured/", "root", key).statusCode()).isEqualTo(201);
		assertThat(runs()).isEqualTo(1);
	}

	private HttpResponse<byte[]> send(String method, String path, String user, String key) {
		List<String> headers = new ArrayList<>();
		if (!user.isEmpty()) {
			String password = user.equals("bob") ? "wrong" : "secret";
			headers.add("Authorization");
			headers.add("Basic "
					+ Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
		}
		HttpRequest request = this.app
			.request(method, path + this.name, key.isEmpty() ? null : key, new byte[0], headers.toArray(String[]::new))
			.build();
		return this.app.send(request);
	}

	private int calls() {
		return this.app.bean(ObservedStores.class).calls();
	}

	private int runs() {
		return this.app.bean(Runs.class).count(this.name);
	}

	@RestController
	@Import(Runs.class)
	static class Guarded {

		private final Runs runs;

		Guarded(Runs runs) {
			this.runs = runs;
		}

		@PostMapping({ "/post/{name}", "/admin/{name}", "/locked/{name}", "/thrown/{name}" })
		@ResponseStatus(HttpStatus.CREATED)
		String run(@PathVariable String name) {
			return "run " + this.runs.next(name);
		}

		@RequestMapping(path = "/text/{name}", consumes = "text/plain")
		String text(@PathVariable String name) {
			return run(name);
		}

		@PostMapping("/method-secured/{name}")
		@PreAuthorize("hasRole('ADMIN')")
		@ResponseStatus(HttpStatus.CREATED)
		public String secured(@PathVariable String name) {
			return run(name);
		}

	}

	@EnableMethodSecurity
	static class Doors implements WebMvcConfigurer {

		@Bean
		static SecurityFilterChain security(HttpSecurity http) {
			return http.csrf((csrf) -> csrf.disable())
				.httpBasic(Customizer.withDefaults())
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/admin/**")
					.hasRole("ADMIN")
					.anyRequest()
					.authenticated())
				.build();
		}

		@Bean
		static UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("ann").password("{noop}secret").roles("USER").build(),
					User.withUsername("bob").password("{noop}secret").roles("USER").build(),
					User.withUsername("root").password("{noop}secret").roles("ADMIN").build());
		}

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			registry.addInterceptor(new Locked()).addPathPatterns("/locked/**");
			registry.addInterceptor(new Thrown()).addPathPatterns("/thrown/**");
		}

	}

	private static final class Locked implements HandlerInterceptor {

		@Override
		public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
			response.setStatus(423);
			return false;
		}

	}

	private static final class Thrown implements HandlerInterceptor {

		@Override
		public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
			throw new ResponseStatusException(HttpStatus.GONE);
		}

	}

}
