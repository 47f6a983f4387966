package io.idempotency.metrics;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Objects;

import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestTracing;
import io.idempotency.engine.StoreObserver;
import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.web.gate.GateIdempotencyAutoConfiguration;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application without Micrometer, or parts of it, works as before.
 */
class AbsentMicrometerTests {

	private final WebApplicationContextRunner application = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class,
				DispatcherServletAutoConfiguration.class, WebMvcAutoConfiguration.class, MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class,
				ObservationAutoConfiguration.class, NoopTracerAutoConfiguration.class,
				MicrometerTracingAutoConfiguration.class, MemoryIdempotencyAutoConfiguration.class,
				EngineIdempotencyAutoConfiguration.class, GateIdempotencyAutoConfiguration.class,
				StepIdempotencyAutoConfiguration.class, ServletIdempotencyAutoConfiguration.class,
				MetricsIdempotencyAutoConfiguration.class))
		.withUserConfiguration(Payments.class)
		.withPropertyValues("server.port=0", "server.address=127.0.0.1");

	@Test
	@DisplayName("With all of Micrometer everything is there")
	void observesWithAll() {
		this.application.run((context) -> {
			assertThat(context).hasSingleBean(IdempotencyListener.class)
				.hasSingleBean(StoreObserver.class)
				.hasSingleBean(RequestTracing.class);
			assertThatRetryIsReplayed(context);
		});
	}

	@Test
	@DisplayName("Without Micrometer nothing is there")
	void worksWithoutMicrometer() {
		this.application.withClassLoader(new FilteredClassLoader("io.micrometer")).run((context) -> {
			assertThat(context).doesNotHaveBean(IdempotencyListener.class)
				.doesNotHaveBean(StoreObserver.class)
				.doesNotHaveBean(RequestTracing.class);
			assertThatRetryIsReplayed(context);
		});
	}

	@Test
	@DisplayName("Without Micrometer's tracing the rest is there")
	void worksWithoutTracing() {
		this.application.withClassLoader(new FilteredClassLoader("io.micrometer.tracing")).run((context) -> {
			assertThat(context).hasSingleBean(IdempotencyListener.class)
				.hasSingleBean(StoreObserver.class)
				.doesNotHaveBean(RequestTracing.class);
			assertThatRetryIsReplayed(context);
		});
	}

	@Test
	@DisplayName("Without Micrometer's meters, stores' calls are observed for traces alone")
	void worksWithoutMeters() {
		this.application.withClassLoader(new FilteredClassLoader("io.micrometer.core")).run((context) -> {
			assertThat(context).doesNotHaveBean(IdempotencyListener.class)
				.hasSingleBean(StoreObserver.class)
				.hasSingleBean(RequestTracing.class);
			assertThatRetryIsReplayed(context);
		});
	}

	@Test
	@DisplayName("With idempotency.enabled=false nothing is there")
	void observesNothingWhenDisabled() {
		this.application.withPropertyValues("idempotency.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(IdempotencyListener.class)
				.doesNotHaveBean(StoreObserver.class)
				.doesNotHaveBean(RequestTracing.class));
	}

	private static void assertThatRetryIsReplayed(AssertableWebApplicationContext context) throws Exception {
		WebServer server = Objects
			.requireNonNull(((WebServerApplicationContext) context.getSourceApplicationContext()).getWebServer());
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getPort() + "/payments"))
			.header("Idempotency-Key", "some-key")
			.POST(BodyPublishers.ofString("{}"))
			.build();
		HttpClient client = HttpClient.newHttpClient();
		client.send(request, BodyHandlers.ofString());
		HttpResponse<String> retry = client.send(request, BodyHandlers.ofString());
		assertThat(retry.statusCode()).isEqualTo(200);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@RestController
	static class Payments {

		@PostMapping("/payments")
		String pay() {
			return "paid";
		}

	}

}
