package io.idempotency.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.idempotency.IdempotencyContext;
import io.idempotency.testing.ServerKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource(names = { "TOMCAT", "JETTY" })
class PassThroughTests {

	private final ServerKind server;

	private final TestApp app;

	PassThroughTests(ServerKind server) {
		this.server = server;
		this.app = server.shared(List.of(Handlers.class, JustOutside.class));
	}

	// K2
	@ParameterizedTest
	@CsvSource({ "POST,", "PATCH,", "PUT,", "GET,", "GET,key", "PUT,key" })
	void handlerGetsVeryRequestAndResponseOfContainer(String method, @Nullable String key) {
		HttpResponse<byte[]> response = this.app.send(this.app.request(method, "/identity", key, new byte[0]).build());
		assertThat(TestApp.text(response)).isEqualTo("same request true, same response true, exchange false");
	}

	@Test
	void handlerGetsWrappersWithKey() {
		HttpResponse<byte[]> response = this.app.post("/identity", TestApp.newKey(), "");
		assertThat(TestApp.text(response)).isEqualTo("same request false, same response false, exchange true");
	}

	// K2, K3
	@Test
	void answersWithoutKeyAsWithoutStarter() {
		TestApp without = this.server.shared(List.of(Handlers.class, JustOutside.class), "idempotency.enabled=false");
		for (String path : List.of("/plain", "/failing", "/unknown")) {
			HttpResponse<byte[]> expected = without.post(path, null, "");
			for (HttpResponse<byte[]> actual : List.of(this.app.post(path, null, ""),
					this.app.post(path, null, "", "Idempotency-Key", " "))) {
				assertThat(actual.statusCode()).isEqualTo(expected.statusCode());
				assertThat(body(actual)).isEqualTo(body(expected));
				assertThat(headers(actual)).isEqualTo(headers(expected));
			}
		}
	}

	private static String body(HttpResponse<byte[]> response) {
		return TestApp.text(response).replaceAll("\"timestamp\":\"[^\"]*\"", "");
	}

	private static Map<String, List<String>> headers(HttpResponse<byte[]> response) {
		Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
		headers.remove("date");
		return headers;
	}

	@RestController
	static class Handlers {

		@RequestMapping("/identity")
		void identity(HttpServletRequest request, HttpServletResponse response) throws IOException {
			Passed passed = (Passed) request.getAttribute(Passed.class.getName());
			response.setContentType("text/plain");
			response.getWriter()
				.write("same request %s, same response %s, exchange %s".formatted(request == passed.request(),
						unwrapSpring(response) == passed.response(),
						request.getAttribute(IdempotencyContext.ATTRIBUTE) != null));
		}

		@RequestMapping("/failing")
		void failing() {
			throw new IllegalStateException("failing");
		}

		@RequestMapping("/plain")
		Map<String, Object> plain() {
			return Map.of("name", "plain");
		}

		/**
		 * Spring MVC wraps the response of every handler method.
		 */
		private static ServletResponse unwrapSpring(HttpServletResponse response) {
			return (response instanceof HttpServletResponseWrapper wrapper
					&& wrapper.getClass().getName().startsWith("org.springframework.")) ? wrapper.getResponse()
							: response;
		}

	}

	record Passed(ServletRequest request, ServletResponse response) {
	}

	@Configuration(proxyBeanMethods = false)
	static class JustOutside {

		@Bean
		FilterRegistrationBean<Filter> justOutside() {
			FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>((request, response, chain) -> {
				request.setAttribute(Passed.class.getName(), new Passed(request, response));
				chain.doFilter(request, response);
			});
			registration.setOrder(Ordered.LOWEST_PRECEDENCE - 1);
			return registration;
		}

	}

}
