package io.idempotency.gauntlet;

import java.net.http.HttpResponse;
import java.util.List;

import io.idempotency.testing.TestApp;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.ResponseBody;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that are forwarded before a handler gets them.
 */
class ForwardCasesTests {

	@ParameterizedTest
	@EnumSource
	@DisplayName("F1: two paths that a filter forwards to one handler are two operations: no tenant reads another's statement")
	void keepsTenantsApart(Server server) {
		try (TestApp app = Cases.start(List.of(Statements.class), server.property())) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/tenants/acme/statements", key, key);
			assertThat(TestApp.text(first)).isEqualTo("the statement of acme");
			HttpResponse<byte[]> other = Cases.post(app, "/tenants/umbrella/statements", key, key);
			assertThat(TestApp.text(other)).isEqualTo("the statement of umbrella");
			assertThat(Cases.isReplay(other)).isFalse();
			Cases.assertReplay(Cases.post(app, "/tenants/acme/statements", key, key), first);
			assertThat(Cases.runs(app, key)).isEqualTo(2);
			Cases.assertNothingIsLeft(app);
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F1, H3: so are two paths whose handlers forward to a third")
	void keepsForwardingHandlersApart(Server server) {
		try (TestApp app = Cases.start(List.of(Statements.class), server.property())) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/forwarding/acme", key, key);
			assertThat(TestApp.text(first)).isEqualTo("the statement of acme");
			HttpResponse<byte[]> other = Cases.post(app, "/forwarding/umbrella", key, key);
			assertThat(TestApp.text(other)).isEqualTo("the statement of umbrella");
			Cases.assertReplay(Cases.post(app, "/forwarding/acme", key, key), first);
			assertThat(Cases.runs(app, key)).isEqualTo(2);
			Cases.assertNothingIsLeft(app);
		}
	}

	@Controller
	static class Statements {

		private final Ledger ledger;

		Statements(Ledger ledger) {
			this.ledger = ledger;
		}

		@Bean
		static FilterRegistrationBean<Filter> tenantPaths() {
			FilterRegistrationBean<Filter> filter = new FilterRegistrationBean<>((request, response, chain) -> {
				String[] path = ((HttpServletRequest) request).getRequestURI().split("/");
				if (request.getDispatcherType() == DispatcherType.REQUEST && path[1].equals("tenants")) {
					request.setAttribute("tenant", path[2]);
					request.getRequestDispatcher("/" + path[3]).forward(request, response);
				}
				else {
					chain.doFilter(request, response);
				}
			});
			filter.setOrder(0);
			return filter;
		}

		@PostMapping("/statements")
		@ResponseBody
		String statement(@RequestAttribute String tenant) {
			this.ledger.charge();
			return "the statement of " + tenant;
		}

		@PostMapping("/forwarding/{tenant}")
		String forwarding(@PathVariable String tenant, HttpServletRequest request) {
			request.setAttribute("tenant", tenant);
			return "forward:/statements";
		}

	}

}
