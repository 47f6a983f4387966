package io.idempotency.test;

import jakarta.servlet.Filter;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.test.web.servlet.setup.ConfigurableMockMvcBuilder;
import org.springframework.test.web.servlet.setup.MockMvcConfigurer;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;
import org.springframework.web.context.WebApplicationContext;

/**
 * Sets up a {@code MockMvc} that is built by hand. One that Spring Boot configures
 * ({@code @AutoConfigureMockMvc}, {@code @WebMvcTest}) needs no more.
 */
public final class IdempotencyMockMvcConfigurers {

	private static final String FILTER = "idempotencyFilter";

	private IdempotencyMockMvcConfigurers() {
	}

	/**
	 * Adds the application's idempotency filter, behind all other filters, without which
	 * requests with a key fail:
	 * {@code MockMvcBuilders.webAppContextSetup(context).apply(idempotency()).build()}.
	 * @return a configurer
	 */
	public static MockMvcConfigurer idempotency() {
		return new FilterConfigurer();
	}

	private static final class FilterConfigurer implements MockMvcConfigurer {

		@Override
		public @Nullable RequestPostProcessor beforeMockMvcCreated(ConfigurableMockMvcBuilder<?> builder,
				WebApplicationContext context) {
			Assert.state(context.containsBean(FILTER), "The application context has no idempotency filter:"
					+ " set idempotency.enabled=true, or add IdempotencyAutoConfiguration");
			FilterRegistrationBean<?> registration = context.getBean(FILTER, FilterRegistrationBean.class);
			Filter filter = registration.getFilter();
			Assert.state(filter != null, "The idempotency filter's registration has no filter");
			builder.addFilter(filter, FILTER, registration.getInitParameters(), registration.determineDispatcherTypes(),
					StringUtils.toStringArray(registration.getUrlPatterns()));
			return null;
		}

	}

}
