package io.idempotency.gauntlet;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.idempotency.testing.TestApp;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may, and whose a key is.
 */
class SecurityCasesTests {

	@Test
	@DisplayName("M7: a replay goes through the filters of a RouterFunction")
	void refusesRetryThatFunctionFilterRefuses() {
		try (TestApp app = Cases.start(List.of(Routes.class))) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/f/object", key, key);
			assertThat(first.statusCode()).isEqualTo(200);
			HttpResponse<byte[]> refused = Cases.post(app, "/f/object", key, key, "X-Refused", "yes");
			assertThat(refused.statusCode()).isEqualTo(401);
			assertThat(TestApp.text(refused)).isEqualTo("Who are you?");
			assertThat(Cases.isReplay(refused)).isFalse();
			Cases.assertReplay(Cases.post(app, "/f/object", key, key), first);
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "2xx,3xx", "2xx,3xx,4xx,5xx" })
	@DisplayName("M7: a request that a filter of a RouterFunction refuses claims nothing and stores nothing")
	void claimsNothingForRequestThatFunctionFilterRefuses(String stored) {
		try (TestApp app = Cases.start(List.of(Routes.class), "idempotency.store-on-statuses=" + stored)) {
			String key = TestApp.newKey();
			assertThat(Cases.post(app, "/f/object", key, key, "X-Refused", "yes").statusCode()).isEqualTo(401);
			Cases.assertNothingIsLeft(app);
			HttpResponse<byte[]> first = Cases.post(app, "/f/object", key, key);
			assertThat(first.statusCode()).isEqualTo(200);
			assertThat(Cases.isReplay(first)).isFalse();
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@Test
	@DisplayName("S8: with errors stored, a denial by method security is not stored: after the right was granted, the handler runs")
	void storesNoDenialByMethodSecurity() {
		try (TestApp app = start(List.of(Guarded.class), "idempotency.store-on-statuses=2xx,3xx,4xx,5xx")) {
			String key = TestApp.newKey();
			for (int i = 0; i < 2; i++) {
				HttpResponse<byte[]> denied = Cases.post(app, "/guarded", key, key, "X-Login", "plain ada USER");
				assertThat(denied.statusCode()).isEqualTo(403);
				assertThat(Cases.isReplay(denied)).isFalse();
			}
			HttpResponse<byte[]> granted = Cases.post(app, "/guarded", key, key, "X-Login", "plain ada ADMIN");
			assertThat(granted.statusCode()).isEqualTo(200);
			assertThat(Cases.isReplay(granted)).isFalse();
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@CsvSource({ "jwt https://one.example.org admin, jwt https://two.example.org admin",
			"oauth google admin, oauth github admin" })
	@DisplayName("F9: the same name of two issuers, or of two registrations, is two principals")
	void keepsRealmsApart(String one, String other) {
		try (TestApp app = start(List.of(Statements.class))) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/statements", key, key, "X-Login", one);
			assertThat(TestApp.text(first)).isEqualTo("the statement of " + one);
			HttpResponse<byte[]> second = Cases.post(app, "/statements", key, key, "X-Login", other);
			assertThat(TestApp.text(second)).isEqualTo("the statement of " + other);
			Cases.assertReplay(Cases.post(app, "/statements", key, key, "X-Login", one), first);
			assertThat(Cases.runs(app, key)).isEqualTo(2);
		}
	}

	@Test
	@DisplayName("F9: a new token of the same issuer and subject is the same principal")
	void knowsPrincipalByNewToken() {
		try (TestApp app = start(List.of(Statements.class))) {
			String key = TestApp.newKey();
			String login = "jwt https://one.example.org admin";
			HttpResponse<byte[]> first = Cases.post(app, "/statements", key, key, "X-Login", login);
			Cases.assertReplay(Cases.post(app, "/statements", key, key, "X-Login", login), first);
		}
	}

	@Test
	@DisplayName("F1: with host in the scope, tenants that are told apart by host are different operations")
	void keepsHostsApart() {
		try (TestApp app = Cases.start(List.of(HostStatements.class), "idempotency.scope=principal,method,path,host")) {
			String key = TestApp.newKey();
			RawRequest request = RawRequest.post("/host-statements")
				.header("Idempotency-Key", key)
				.header("X-Run", key);
			RawRequest.Response first = request.header("Host", "acme.example.org").send(app.port());
			assertThat(first.body()).isEqualTo("the statement of acme.example.org");
			RawRequest.Response other = request.header("Host", "umbrella.example.org").send(app.port());
			assertThat(other.body()).isEqualTo("the statement of umbrella.example.org");
			RawRequest.Response retry = request.header("Host", "acme.example.org").send(app.port());
			assertThat(retry.isReplay()).isTrue();
			assertThat(retry.body()).isEqualTo(first.body());
		}
	}

	@Test
	@DisplayName("F1, F9: with session in the scope, logins that live in the HTTP session are different principals")
	void keepsSessionsApart() {
		try (TestApp app = Cases.start(List.of(SessionLogin.class), "idempotency.scope=session,method,path")) {
			String ada = logIn(app, "ada");
			String bob = logIn(app, "bob");
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/session-statements", key, key, "Cookie", ada);
			assertThat(TestApp.text(first)).isEqualTo("the statement of ada");
			HttpResponse<byte[]> other = Cases.post(app, "/session-statements", key, key, "Cookie", bob);
			assertThat(TestApp.text(other)).isEqualTo("the statement of bob");
			Cases.assertReplay(Cases.post(app, "/session-statements", key, key, "Cookie", ada), first);
			assertThat(Cases.runs(app, key)).isEqualTo(2);
		}
	}

	private static String logIn(TestApp app, String user) {
		String cookie = Cases.post(app, "/session-login", null, "login", "X-User", user)
			.headers()
			.firstValue("Set-Cookie")
			.orElseThrow();
		return cookie.substring(0, cookie.indexOf(';'));
	}

	private static TestApp start(List<Class<?>> handlers, String... properties) {
		String[] all = new String[properties.length + 1];
		all[0] = Securities.ENABLED;
		System.arraycopy(properties, 0, all, 1, properties.length);
		return Cases.start(List.of(handlers.get(0), Logins.class), all);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity
	@Import(Users.class)
	static class Logins {

		@Bean
		SecurityFilterChain loginChain(HttpSecurity http) {
			return http.csrf(AbstractHttpConfigurer::disable)
				.addFilterBefore(new LoginFilter(), UsernamePasswordAuthenticationFilter.class)
				.authorizeHttpRequests(
						(requests) -> requests.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.FORWARD)
							.permitAll()
							.anyRequest()
							.authenticated())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Users {

		@Bean
		UserDetailsService noUsers() {
			return new InMemoryUserDetailsManager();
		}

	}

	/**
	 * Believes what it is told: {@code plain} a name and a role, {@code jwt} an issuer
	 * and a subject, {@code oauth} a registration and a name.
	 */
	static class LoginFilter extends OncePerRequestFilter {

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			String login = request.getHeader("X-Login");
			if (login != null) {
				String[] parts = login.split(" ");
				SecurityContext context = SecurityContextHolder.createEmptyContext();
				context.setAuthentication(authentication(parts[0], parts[1], parts[2]));
				SecurityContextHolder.setContext(context);
			}
			chain.doFilter(request, response);
		}

		private static Authentication authentication(String kind, String first, String second) {
			List<GrantedAuthority> user = AuthorityUtils.createAuthorityList("ROLE_USER");
			return switch (kind) {
				case "jwt" -> new JwtAuthenticationToken(Jwt.withTokenValue(UUID.randomUUID().toString())
					.header("alg", "none")
					.issuer(first)
					.subject(second)
					.issuedAt(Instant.now())
					.build(), user);
				case "oauth" -> new OAuth2AuthenticationToken(new DefaultOAuth2User(user, Map.of("sub", second), "sub"),
						user, first);
				default -> new UsernamePasswordAuthenticationToken(first, null,
						AuthorityUtils.createAuthorityList("ROLE_" + second));
			};
		}

	}

	@RestController
	static class Guarded {

		private final Ledger ledger;

		Guarded(Ledger ledger) {
			this.ledger = ledger;
		}

		@PreAuthorize("hasRole('ADMIN')")
		@PostMapping("/guarded")
		public String guarded() {
			this.ledger.charge();
			return "granted";
		}

	}

	@RestController
	static class Statements {

		private final Ledger ledger;

		Statements(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/statements")
		String statement(HttpServletRequest request) {
			this.ledger.charge();
			return "the statement of " + request.getHeader("X-Login");
		}

	}

	@RestController
	static class HostStatements {

		private final Ledger ledger;

		HostStatements(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/host-statements")
		String statement(HttpServletRequest request) {
			this.ledger.charge();
			return "the statement of " + request.getServerName();
		}

	}

	/**
	 * Who is logged in is an attribute of the session, and no principal.
	 */
	@RestController
	static class SessionLogin {

		private final Ledger ledger;

		SessionLogin(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/session-login")
		String logIn(HttpServletRequest request) {
			request.getSession().setAttribute("user", Objects.requireNonNull(request.getHeader("X-User")));
			return "welcome";
		}

		@PostMapping("/session-statements")
		String statement(HttpSession session) {
			this.ledger.charge();
			return "the statement of " + session.getAttribute("user");
		}

	}

}
