package io.idempotency.test;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;

/**
 * Selects the memory store for tests that load only a slice of the application. A slice
 * has none of the connections that the application's own store needs.
 */
final class MemoryStoreContextCustomizerFactory implements ContextCustomizerFactory {

	private static final List<String> SLICES = List.of(AutoConfigureIdempotency.class.getName(),
			"org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureWebMvc");

	@Override
	public @Nullable ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> configAttributes) {
		MergedAnnotations annotations = MergedAnnotations.search(SearchStrategy.TYPE_HIERARCHY)
			.withEnclosingClasses(TestContextAnnotationUtils::searchEnclosingClass)
			.from(testClass);
		return SLICES.stream().anyMatch(annotations::isPresent) ? new MemoryStoreContextCustomizer() : null;
	}

	/**
	 * A record, so that tests with equal configuration share an application context.
	 */
	private record MemoryStoreContextCustomizer() implements ContextCustomizer {

		private static final String STORE = "idempotency.store";

		private static final String MEMORY = "memory";

		private static final String NAME = "idempotencyMemoryStore";

		/**
		 * The memory store has no transactions.
		 */
		private static final Map<String, Object> PROPERTIES = Map.of(STORE, MEMORY, "idempotency.jdbc.transactional",
				"false");

		@Override
		public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration mergedConfig) {
			ConfigurableEnvironment environment = context.getEnvironment();
			MutablePropertySources sources = environment.getPropertySources();
			addBehindPropertiesOfTest(sources, new MapPropertySource(NAME, PROPERTIES));
			if (!MEMORY.equals(environment.getProperty(STORE))) {
				// The test itself selects another store.
				sources.remove(NAME);
			}
		}

		/**
		 * The properties of a test come before those of the system, and the properties of
		 * the application behind them.
		 */
		private static void addBehindPropertiesOfTest(MutablePropertySources sources, MapPropertySource added) {
			if (sources.contains(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)) {
				sources.addBefore(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME, added);
			}
			else {
				sources.addFirst(added);
			}
		}

	}

}
