package io.idempotency.gauntlet;

import java.io.IOException;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The tenant of a request, which filters keep in a {@code ThreadLocal} while it is
 * handled.
 */
final class Tenants {

	private static final ThreadLocal<@Nullable String> CURRENT = new ThreadLocal<>();

	private Tenants() {
	}

	static @Nullable String current() {
		return CURRENT.get();
	}

	private static void with(ServletRequest request, FilterChain chain, ServletResponse response)
			throws ServletException, IOException {
		if (CURRENT.get() != null) {
			throw new IllegalStateException("The thread still has the tenant of another request");
		}
		CURRENT.set(((HttpServletRequest) request).getHeader("X-Tenant"));
		try {
			chain.doFilter(request, response);
		}
		finally {
			CURRENT.remove();
		}
	}

	/**
	 * As Spring's own filters are: once per request, and not in an ASYNC dispatch.
	 */
	static class OncePerRequest extends OncePerRequestFilter {

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			with(request, chain, response);
		}

	}

	/**
	 * A filter of the Servlet API, for REQUEST dispatches.
	 */
	static class Plain implements Filter {

		@Override
		public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			with(request, chain, response);
		}

	}

}
