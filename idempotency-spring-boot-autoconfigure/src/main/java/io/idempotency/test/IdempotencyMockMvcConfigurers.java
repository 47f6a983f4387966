package io.idempotency.test;

import java.util.EnumSet;
import java.util.Map;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import org.jspecify.annotations.Nullable;

import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.test.web.servlet.setup.ConfigurableMockMvcBuilder;
import org.springframework.test.web.servlet.setup.MockMvcConfigurer;
import org.springframework.util.Assert;
import org.springframework.web.context.WebApplicationContext;

/**
 * Configures a {@code MockMvc} that is built manually. A {@code MockMvc} that Spring Boot
 * configures ({@code @AutoConfigureMockMvc}, {@code @WebMvcTest}) does not need this.
 */
public final class IdempotencyMockMvcConfigurers {

	private static final String FILTER = "idempotencyFilter";

	private IdempotencyMockMvcConfigurers() {
	}

	/**
	 * Adds the application's idempotency filter after all other filters. Without this
	 * filter, requests with a key fail. Example:
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
					+ " set idempotency.enabled=true, or add ServletIdempotencyAutoConfiguration");
			builder.addFilter(context.getBean(FILTER, Filter.class), FILTER, Map.of(),
					EnumSet.complementOf(EnumSet.of(DispatcherType.INCLUDE)), "/*");
			return null;
		}

	}

}
