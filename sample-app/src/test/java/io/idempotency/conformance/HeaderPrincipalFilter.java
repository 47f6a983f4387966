package io.idempotency.conformance;

import java.io.IOException;
import java.security.Principal;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Believes whatever name a client gives itself, in place of a login.
 */
@Order(0)
final class HeaderPrincipalFilter extends OncePerRequestFilter {

	static final String HEADER = "X-User";

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		String name = request.getHeader(HEADER);
		chain.doFilter((name != null) ? new Authenticated(request, name) : request, response);
	}

	private static final class Authenticated extends HttpServletRequestWrapper {

		private final String name;

		Authenticated(HttpServletRequest request, String name) {
			super(request);
			this.name = name;
		}

		@Override
		public @Nullable Principal getUserPrincipal() {
			return () -> this.name;
		}

	}

}
