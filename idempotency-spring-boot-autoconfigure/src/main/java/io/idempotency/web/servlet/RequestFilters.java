package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.web.servlet.AbstractFilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.boot.web.servlet.ServletContextInitializerBeans;

/**
 * The filters of a new request, in their order. A container may use other filters for the
 * dispatches that follow.
 */
final class RequestFilters {

	private final List<Mapping> mappings;

	private RequestFilters(List<Mapping> mappings) {
		this.mappings = mappings;
	}

	/**
	 * Returns the filters that Spring Boot has registered after a filter.
	 * @param first the filter
	 */
	static RequestFilters of(ListableBeanFactory beanFactory, Filter first) {
		List<Mapping> mappings = new ArrayList<>();
		for (ServletContextInitializer initializer : new ServletContextInitializerBeans(beanFactory)) {
			if (initializer instanceof AbstractFilterRegistrationBean<?> registration && registration.isEnabled()
					&& registration.determineDispatcherTypes().contains(DispatcherType.REQUEST)) {
				Filter filter = registration.getFilter();
				if (filter != null) {
					mappings.add(new Mapping(filter, registration));
				}
			}
		}
		mappings.sort(Comparator.comparing((mapping) -> mapping.registration().isMatchAfter()));
		int own = 0;
		while (own < mappings.size() && mappings.get(own).filter() != first) {
			own++;
		}
		return new RequestFilters(mappings.subList(Math.min(own + 1, mappings.size()), mappings.size()));
	}

	/**
	 * Sends a request through the filters that are mapped to it, and to the servlet.
	 */
	void doFilter(ServletRequest request, ServletResponse response, Servlet servlet)
			throws IOException, ServletException {
		List<Filter> filters = this.mappings.stream()
			.filter((mapping) -> mapping.matches((HttpServletRequest) request, servlet))
			.<Filter>map(Mapping::filter)
			.toList();
		new Chain(filters, 0, servlet).doFilter(request, response);
	}

	private record Chain(List<Filter> filters, int next, Servlet servlet) implements FilterChain {

		@Override
		public void doFilter(ServletRequest request, ServletResponse response) throws IOException, ServletException {
			if (this.next < this.filters.size()) {
				this.filters.get(this.next)
					.doFilter(request, response, new Chain(this.filters, this.next + 1, this.servlet));
			}
			else {
				this.servlet.service(request, response);
			}
		}

	}

	/**
	 * A filter and what it is mapped to (Servlet 6.1, section 12.2).
	 */
	private record Mapping(Filter filter, AbstractFilterRegistrationBean<?> registration) {

		boolean matches(HttpServletRequest request, Servlet servlet) {
			Collection<String> patterns = this.registration.getUrlPatterns();
			Collection<String> servlets = this.registration.getServletNames();
			boolean forServlets = !servlets.isEmpty() || !this.registration.getServletRegistrationBeans().isEmpty();
			if (patterns.isEmpty() && !forServlets) {
				return true;
			}
			String path = request.getServletPath() + ((request.getPathInfo() != null) ? request.getPathInfo() : "");
			return patterns.stream().anyMatch((pattern) -> matches(pattern, path))
					|| servlets.contains(servlet.getServletConfig().getServletName())
					|| this.registration.getServletRegistrationBeans()
						.stream()
						.anyMatch((bean) -> bean.getServlet() == servlet);
		}

		private static boolean matches(String pattern, String path) {
			if (pattern.equals("/*") || pattern.equals(path)) {
				return true;
			}
			if (pattern.endsWith("/*")) {
				String prefix = pattern.substring(0, pattern.length() - 2);
				return path.equals(prefix) || path.startsWith(prefix + "/");
			}
			return pattern.startsWith("*.") && path.endsWith(pattern.substring(1));
		}

	}

}
