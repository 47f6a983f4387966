package io.idempotency.gauntlet;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import io.idempotency.testing.TestApp;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How applications know their users.
 */
final class Securities {

	static final String ENABLED = "test.security=true";

	static final Map<String, String> BASIC_HEADERS = Map.of("Authorization",
			"Basic " + Base64.getEncoder().encodeToString("ada:secret".getBytes(StandardCharsets.UTF_8)));

	private Securities() {
	}

	/**
	 * Logs in at the form, and returns the session's cookie.
	 */
	static Map<String, String> logIn(TestApp app) {
		HttpResponse<byte[]> login = app.post("/login", null, "username=ada&password=secret", "Content-Type",
				"application/x-www-form-urlencoded");
		assertThat(login.statusCode()).isEqualTo(302);
		String cookie = login.headers().firstValue("Set-Cookie").orElseThrow();
		return Map.of("Cookie", cookie.substring(0, cookie.indexOf(';')));
	}

	private static HttpSecurity authenticated(HttpSecurity http) {
		return http.csrf(AbstractHttpConfigurer::disable)
			.authorizeHttpRequests((requests) -> requests
				.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.FORWARD, DispatcherType.INCLUDE)
				.permitAll()
				.anyRequest()
				.authenticated());
	}

	@Configuration(proxyBeanMethods = false)
	static class Users {

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("ada").password("{noop}secret").roles("USER").build(),
					User.withUsername("bob").password("{noop}secret").roles("USER").build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Users.class)
	static class Basic {

		@Bean
		SecurityFilterChain basicChain(HttpSecurity http) {
			return authenticated(http).httpBasic(Customizer.withDefaults()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Users.class)
	static class FormLogin {

		@Bean
		SecurityFilterChain formChain(HttpSecurity http) {
			return authenticated(http).formLogin(Customizer.withDefaults()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Token {

		@Bean
		UserDetailsService noUsers() {
			return new InMemoryUserDetailsManager();
		}

		@Bean
		SecurityFilterChain tokenChain(HttpSecurity http) {
			return authenticated(http)
				.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
				.addFilterBefore(new TokenFilter(), UsernamePasswordAuthenticationFilter.class)
				.build();
		}

	}

	/**
	 * As it is in every second tutorial.
	 */
	static class TokenFilter extends OncePerRequestFilter {

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			String user = request.getHeader("X-Token");
			if (user != null) {
				SecurityContext context = SecurityContextHolder.createEmptyContext();
				context.setAuthentication(new UsernamePasswordAuthenticationToken(user, null,
						AuthorityUtils.createAuthorityList("ROLE_USER")));
				SecurityContextHolder.setContext(context);
			}
			chain.doFilter(request, response);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity
	@Import(GuardedHandlers.class)
	static class Methods {

	}

	@RestController
	static class GuardedHandlers {

		private final Ledger ledger;

		GuardedHandlers(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/s/permitted")
		@PreAuthorize("hasRole('USER')")
		public Map<String, Object> permitted() {
			this.ledger.charge();
			return Map.of("permitted", List.of("yes"));
		}

		@PostMapping("/s/denied")
		@PreAuthorize("hasRole('ADMIN')")
		public Map<String, Object> denied() {
			this.ledger.charge();
			return Map.of("permitted", List.of("no"));
		}

	}

}
