package io.idempotency.openapi;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Objects;

import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.testing.TestApp;
import io.idempotency.web.gate.GateIdempotencyAutoConfiguration;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that has no springdoc.
 */
class WithoutSpringdocTests {

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class,
				DispatcherServletAutoConfiguration.class, WebMvcAutoConfiguration.class,
				MemoryIdempotencyAutoConfiguration.class, EngineIdempotencyAutoConfiguration.class,
				GateIdempotencyAutoConfiguration.class, StepIdempotencyAutoConfiguration.class,
				ServletIdempotencyAutoConfiguration.class, OpenApiIdempotencyAutoConfiguration.class))
		.withUserConfiguration(Things.class)
		.withPropertyValues("server.port=0", "server.address=127.0.0.1");

	@Test
	@DisplayName("O2: without springdoc the application starts, and replays")
	void startsWithoutSpringdoc() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springdoc", "io.swagger")).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean("idempotencyOpenApiCustomizer");
			WebServer server = context
				.getSourceApplicationContext(AnnotationConfigServletWebServerApplicationContext.class)
				.getWebServer();
			int port = Objects.requireNonNull(server).getPort();
			String key = TestApp.newKey();
			assertThat(post(port, key).headers().firstValue("Idempotent-Replayed")).isEmpty();
			assertThat(post(port, key).headers().firstValue("Idempotent-Replayed")).hasValue("true");
		});
	}

	@Test
	@DisplayName("O2: with springdoc it has a customizer, unless the starter is disabled")
	void hasCustomizerWithSpringdoc() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().hasBean("idempotencyOpenApiCustomizer"));
		this.runner.withPropertyValues("idempotency.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("idempotencyOpenApiCustomizer"));
	}

	private static HttpResponse<String> post(int port, String key) throws IOException, InterruptedException {
		URI uri = URI.create("http://127.0.0.1:" + port + "/things");
		HttpRequest request = HttpRequest.newBuilder(uri)
			.header("Idempotency-Key", key)
			.POST(BodyPublishers.noBody())
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
	}

	@RestController
	static class Things {

		@PostMapping("/things")
		String make() {
			return "made";
		}

	}

}
