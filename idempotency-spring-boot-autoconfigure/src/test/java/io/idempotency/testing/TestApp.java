package io.idempotency.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import io.idempotency.engine.IdempotencyEngine;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A running application with a real web server on a free port, and a client for it. Its
 * auto-configuration is the one that users get, without Spring Security, JPA and the
 * actuator unless a test asks for them, and without a data source unless a test says
 * where.
 */
public final class TestApp implements AutoCloseable {

	private static final HttpClient CLIENT = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(10))
		.build();

	private static final String TOMCAT = "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration";

	private static final String JETTY = "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration";

	private static final List<String> SECURITY = List.of(
			"org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration");

	private static final Pattern ACTUATOR = Pattern
		.compile(".*\\.(?:actuate|health|metrics|micrometer|observation)\\..*|.*ObservationAutoConfiguration");

	private static final List<String> JPA = List.of(
			"org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
			"org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration");

	private static final String RABBIT = "org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration";

	private static final String DATA_SOURCE = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration";

	private static final List<String> ACTUATOR_CONFIGURATIONS = StreamSupport
		.stream(ImportCandidates.load(AutoConfiguration.class, null).spliterator(), false)
		.filter((name) -> !name.startsWith("io.idempotency.") && ACTUATOR.matcher(name).matches())
		.toList();

	private static final int MOST_SHARED = 12;

	private static final Map<Object, TestApp> SHARED = new LinkedHashMap<>(16, 0.75f, true) {

		@Override
		protected boolean removeEldestEntry(Map.Entry<Object, TestApp> eldest) {
			boolean remove = size() > MOST_SHARED;
			if (remove) {
				eldest.getValue().close();
			}
			return remove;
		}

	};

	private final ConfigurableApplicationContext context;

	private TestApp(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Returns a running application that tests share: the same one for the same
	 * arguments. It is stopped when enough others were asked for since, so it is not to
	 * be kept over several test classes, nor to be closed.
	 */
	public static TestApp shared(List<Class<?>> configuration, StoreKind store, String... properties) {
		synchronized (SHARED) {
			return SHARED.computeIfAbsent(List.of(configuration, store, List.of(properties)),
					(key) -> start(configuration, store, properties));
		}
	}

	/**
	 * Starts an application on a store.
	 */
	public static TestApp start(List<Class<?>> configuration, StoreKind store, String... properties) {
		return start(configuration,
				Stream.concat(Stream.of(store.properties()), Stream.of(properties)).toArray(String[]::new));
	}

	/**
	 * Starts an application.
	 * @param configuration the controllers and configuration classes that it consists of
	 * @param properties name=value pairs; {@code test.server=jetty} runs it on Jetty
	 * instead of Tomcat, {@code test.security=true} with Spring Security,
	 * {@code test.jpa=true} with JPA, {@code springdoc.api-docs.enabled=true} with
	 * OpenAPI documents, {@code test.actuator=true} with the actuator, its metrics and
	 * traces, and {@code server.servlet.jsp.registered=true} with JSP
	 */
	public static TestApp start(List<Class<?>> configuration, String... properties) {
		List<String> all = new ArrayList<>(List.of("server.port=0", "spring.main.banner-mode=off",
				"server.address=127.0.0.1", "server.servlet.jsp.registered=false", "logging.level.root=warn",
				"spring.thymeleaf.check-template-location=false", "springdoc.api-docs.enabled=false"));
		all.addAll(List.of(properties));
		List<String> excluded = new ArrayList<>();
		excluded.add(all.contains("test.server=jetty") ? TOMCAT : JETTY);
		excluded.add(RABBIT);
		if (!all.contains("test.security=true")) {
			excluded.addAll(SECURITY);
		}
		if (!all.contains("test.jpa=true")) {
			excluded.addAll(JPA);
		}
		if (!all.contains("test.actuator=true")) {
			excluded.addAll(ACTUATOR_CONFIGURATIONS);
		}
		if (all.stream().noneMatch((property) -> property.startsWith("spring.datasource.url="))) {
			excluded.add(DATA_SOURCE);
		}
		all.add("spring.autoconfigure.exclude=" + String.join(",", excluded));
		List<Class<?>> sources = new ArrayList<>(configuration);
		sources.add(AutoConfigured.class);
		return new TestApp(
				new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(WebApplicationType.SERVLET)
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

	/**
	 * Returns how many requests wait for the end of another one.
	 */
	public int suspendedRequests() {
		return bean(IdempotencyEngine.class).waiting();
	}

	public int port() {
		return this.context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	public URI uri(String path) {
		return URI.create("http://127.0.0.1:" + port() + path);
	}

	/**
	 * Returns a key that no other test uses.
	 */
	public static String newKey() {
		return UUID.randomUUID().toString();
	}

	/**
	 * Sends a JSON body by POST.
	 * @param key the idempotency key, or {@code null} for none
	 * @param headers names and values in turn
	 */
	public HttpResponse<byte[]> post(String path, @Nullable String key, String body, String... headers) {
		return send(request("POST", path, key, body.getBytes(StandardCharsets.UTF_8), headers).build());
	}

	/**
	 * Makes a request with a JSON body, unless the headers name another content type.
	 */
	public HttpRequest.Builder request(String method, String path, @Nullable String key, byte[] body,
			String... headers) {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
			.method(method, (body.length > 0) ? BodyPublishers.ofByteArray(body) : BodyPublishers.noBody())
			.timeout(Duration.ofSeconds(60))
			.header("Content-Type", "application/json");
		if (key != null) {
			request.header("Idempotency-Key", key);
		}
		for (int i = 0; i < headers.length; i += 2) {
			request.setHeader(headers[i], headers[i + 1]);
		}
		return request;
	}

	/**
	 * Sends a request and reads the whole response.
	 */
	public HttpResponse<byte[]> send(HttpRequest request) {
		try {
			return CLIENT.send(request, BodyHandlers.ofByteArray());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Returns a body as text.
	 */
	public static String text(HttpResponse<byte[]> response) {
		return new String(response.body(), StandardCharsets.UTF_8);
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * Every auto-configuration on the class path.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class AutoConfigured {

	}

}
