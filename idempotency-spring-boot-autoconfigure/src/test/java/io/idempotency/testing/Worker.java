package io.idempotency.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A running application without a web server, with the auto-configuration that users get,
 * and a data source and RabbitMQ only where a test says where.
 */
public final class Worker implements AutoCloseable {

	private static final String DATA_SOURCE = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration";

	private static final String JPA = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
			+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

	private static final String RABBIT = "org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration";

	private final ConfigurableApplicationContext context;

	private Worker(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Starts an application on a store.
	 */
	public static Worker start(List<Class<?>> configuration, StoreKind store, String... properties) {
		return start(configuration,
				Stream.concat(Stream.of(store.properties()), Stream.of(properties)).toArray(String[]::new));
	}

	/**
	 * Starts an application.
	 * @param properties name=value pairs
	 */
	public static Worker start(List<Class<?>> configuration, String... properties) {
		List<String> all = new ArrayList<>(
				List.of("spring.main.banner-mode=off", "logging.level.root=warn", "spring.application.name=worker"));
		all.addAll(List.of(properties));
		List<String> excluded = new ArrayList<>(List.of(JPA));
		if (all.stream().noneMatch((property) -> property.startsWith("spring.datasource.url="))) {
			excluded.add(DATA_SOURCE);
		}
		if (all.stream().noneMatch((property) -> property.startsWith("spring.rabbitmq.port="))) {
			excluded.add(RABBIT);
		}
		all.add("spring.autoconfigure.exclude=" + String.join(",", excluded));
		List<Class<?>> sources = new ArrayList<>(configuration);
		sources.add(AutoConfigured.class);
		return new Worker(new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(WebApplicationType.NONE)
			.registerShutdownHook(false)
			.properties(all.toArray(String[]::new))
			.run());
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	public ConfigurableApplicationContext context() {
		return this.context;
	}

	@Override
	public void close() {
		this.context.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class AutoConfigured {

	}

}
