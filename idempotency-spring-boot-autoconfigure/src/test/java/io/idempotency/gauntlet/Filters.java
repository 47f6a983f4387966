package io.idempotency.gauntlet;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.support.ErrorPageFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.filter.ShallowEtagHeaderFilter;
import org.springframework.web.util.ContentCachingRequestWrapper;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.springframework.web.util.WebUtils;

/**
 * Filters as applications have them. Those that say nothing of an order are what most
 * people write: a bean.
 */
final class Filters {

	private Filters() {
	}

	private static <T extends Filter> FilterRegistrationBean<T> ordered(T filter, int order) {
		FilterRegistrationBean<T> registration = new FilterRegistrationBean<>(filter);
		registration.setOrder(order);
		return registration;
	}

	static class CachingResponse {

		@Bean
		Filter cachingResponseFilter() {
			return new CachingResponseFilter();
		}

	}

	static class CachingResponseOutside {

		@Bean
		FilterRegistrationBean<CachingResponseFilter> outerCachingResponseFilter() {
			return ordered(new CachingResponseFilter(), Ordered.HIGHEST_PRECEDENCE + 10);
		}

	}

	static class CachingResponseInside {

		@Bean
		FilterRegistrationBean<CachingResponseFilter> innerCachingResponseFilter() {
			return ordered(new CachingResponseFilter(), Ordered.LOWEST_PRECEDENCE);
		}

	}

	static class CachingRequest {

		@Bean
		Filter cachingRequestFilter() {
			return new CachingRequestFilter();
		}

	}

	static class CachingRequestOutside {

		@Bean
		FilterRegistrationBean<CachingRequestFilter> outerCachingRequestFilter() {
			return ordered(new CachingRequestFilter(), Ordered.HIGHEST_PRECEDENCE + 10);
		}

	}

	static class ShallowEtag {

		@Bean
		ShallowEtagHeaderFilter shallowEtagHeaderFilter() {
			return new ShallowEtagHeaderFilter();
		}

	}

	static class Plain {

		@Bean
		Filter plainFilter() {
			return (request, response, chain) -> {
				((HttpServletResponse) response).addHeader("X-Plain", "set");
				chain.doFilter(request, response);
			};
		}

	}

	static class PlainOutside {

		@Bean
		FilterRegistrationBean<Filter> outerPlainFilter() {
			return ordered((request, response, chain) -> {
				((HttpServletResponse) response).addHeader("X-Outer-Plain", "set");
				chain.doFilter(request, response);
			}, 0);
		}

	}

	static class EagerStream {

		@Bean
		Filter eagerStreamFilter() {
			return (request, response, chain) -> {
				EagerStreamResponse eager = new EagerStreamResponse((HttpServletResponse) response);
				chain.doFilter(request, eager);
				eager.finish();
			};
		}

	}

	static class EagerWriter {

		@Bean
		Filter eagerWriterFilter() {
			return (request, response, chain) -> {
				response.setCharacterEncoding("UTF-8");
				chain.doFilter(request, new EagerWriterResponse((HttpServletResponse) response));
			};
		}

	}

	static class HeadersBefore {

		@Bean
		Filter headersBeforeFilter() {
			return new OncePerRequestFilter() {

				@Override
				protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response,
						FilterChain chain) throws ServletException, IOException {
					response.addHeader("X-Before", "set");
					response.addHeader("X-Before", "twice");
					chain.doFilter(request, response);
				}

			};
		}

	}

	static class HeadersAfter {

		@Bean
		Filter headersAfterFilter() {
			return new OncePerRequestFilter() {

				@Override
				protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response,
						FilterChain chain) throws ServletException, IOException {
					chain.doFilter(request, response);
					if (!response.isCommitted() && !isAsyncStarted(request)) {
						response.addHeader("X-After", "set");
					}
				}

			};
		}

	}

	/**
	 * Clients know the handlers under another path.
	 */
	static class Rewriting {

		@Bean
		FilterRegistrationBean<Filter> rewritingFilter() {
			return ordered((request, response, chain) -> {
				String path = ((HttpServletRequest) request).getRequestURI();
				if (request.getDispatcherType() == DispatcherType.REQUEST && path.startsWith("/v1/")) {
					request.getRequestDispatcher(path.substring(3)).forward(request, response);
				}
				else {
					chain.doFilter(request, response);
				}
			}, 0);
		}

	}

	/**
	 * Answers what is thrown, by itself.
	 */
	static class Catching {

		@Bean
		FilterRegistrationBean<Filter> catchingFilter() {
			return ordered((request, response, chain) -> {
				try {
					chain.doFilter(request, response);
				}
				catch (IOException | ServletException | RuntimeException ex) {
					response.reset();
					((HttpServletResponse) response).setStatus(503);
					response.setContentType("text/plain;charset=UTF-8");
					response.getWriter().write("caught");
				}
			}, Ordered.HIGHEST_PRECEDENCE + 20);
		}

	}

	static class TenantOnce {

		@Bean
		Tenants.OncePerRequest tenantFilter() {
			return new Tenants.OncePerRequest();
		}

	}

	static class TenantPlain {

		@Bean
		Tenants.Plain plainTenantFilter() {
			return new Tenants.Plain();
		}

	}

	/**
	 * As a WAR in a container has it.
	 */
	static class ErrorPages {

		@Bean
		ErrorPageFilter errorPageFilter() {
			return new ErrorPageFilter();
		}

		@Bean
		FilterRegistrationBean<ErrorPageFilter> errorPageFilterRegistration(ErrorPageFilter filter) {
			FilterRegistrationBean<ErrorPageFilter> registration = ordered(filter, filter.getOrder());
			registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
			return registration;
		}

	}

	/**
	 * Copies each response, to log it, as the documentation of the wrapper says.
	 */
	static class CachingResponseFilter extends OncePerRequestFilter {

		@Override
		protected boolean shouldNotFilterAsyncDispatch() {
			return false;
		}

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			ContentCachingResponseWrapper caching = WebUtils.getNativeResponse(response,
					ContentCachingResponseWrapper.class);
			if (caching == null || !isAsyncDispatch(request)) {
				caching = new ContentCachingResponseWrapper(response);
				response = caching;
			}
			try {
				chain.doFilter(request, response);
			}
			finally {
				if (!isAsyncStarted(request)) {
					caching.copyBodyToResponse();
				}
			}
		}

	}

	/**
	 * Remembers what was read of the request, to log it.
	 */
	static class CachingRequestFilter extends OncePerRequestFilter {

		private final Map<String, String> log = new ConcurrentHashMap<>();

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			ContentCachingRequestWrapper caching = new ContentCachingRequestWrapper(request, 100_000);
			chain.doFilter(caching, response);
			String run = request.getHeader("X-Run");
			if (run != null) {
				this.log.put(run, caching.getContentAsString());
			}
		}

		@Nullable String logged(String run) {
			return this.log.get(run);
		}

	}

	/**
	 * Takes the stream when it is made, and writes by it whatever it is asked for.
	 */
	private static final class EagerStreamResponse extends HttpServletResponseWrapper {

		private final ServletOutputStream stream;

		private @Nullable PrintWriter writer;

		EagerStreamResponse(HttpServletResponse response) throws IOException {
			super(response);
			this.stream = response.getOutputStream();
		}

		@Override
		public ServletOutputStream getOutputStream() {
			return this.stream;
		}

		@Override
		public PrintWriter getWriter() {
			PrintWriter writer = this.writer;
			if (writer == null) {
				writer = new PrintWriter(new OutputStreamWriter(this.stream, StandardCharsets.UTF_8));
				this.writer = writer;
			}
			return writer;
		}

		@Override
		public void flushBuffer() throws IOException {
			finish();
			super.flushBuffer();
		}

		void finish() {
			if (this.writer != null) {
				this.writer.flush();
			}
		}

	}

	/**
	 * Takes the writer when it is made.
	 */
	private static final class EagerWriterResponse extends HttpServletResponseWrapper {

		private final PrintWriter writer;

		EagerWriterResponse(HttpServletResponse response) throws IOException {
			super(response);
			this.writer = response.getWriter();
		}

		@Override
		public PrintWriter getWriter() {
			return this.writer;
		}

	}

}
