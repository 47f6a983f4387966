package io.idempotency.actuate;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.method.MethodIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.web.gate.GateIdempotencyAutoConfiguration;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application without the actuator, or parts of it, starts as before.
 */
class AbsentActuatorTests {

	private final WebApplicationContextRunner application = new WebApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(DispatcherServletAutoConfiguration.class, WebMvcAutoConfiguration.class,
						MemoryIdempotencyAutoConfiguration.class, EngineIdempotencyAutoConfiguration.class,
						StepIdempotencyAutoConfiguration.class, MethodIdempotencyAutoConfiguration.class,
						GateIdempotencyAutoConfiguration.class, ServletIdempotencyAutoConfiguration.class,
						EndpointIdempotencyAutoConfiguration.class, HealthIdempotencyAutoConfiguration.class))
		.withPropertyValues("management.endpoints.web.exposure.include=idempotency");

	@Test
	@DisplayName("With the actuator, its endpoint and the health are there")
	void addsBoth() {
		this.application.run((context) -> assertThat(context).hasSingleBean(IdempotencyEndpoint.class)
			.hasSingleBean(HealthContributor.class));
	}

	@Test
	@DisplayName("Without the actuator nothing is there")
	void addsNothingWithoutActuator() {
		this.application
			.withClassLoader(
					new FilteredClassLoader("org.springframework.boot.actuate", "org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasSingleBean(IdempotencyEngine.class)
				.doesNotHaveBean(IdempotencyEndpoint.class)
				.doesNotHaveBean("idempotencyHealthContributor"));
	}

	@Test
	@DisplayName("Without health there is the endpoint, and without endpoints there is the health")
	void addsWhatIsLeft() {
		this.application.withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasSingleBean(IdempotencyEndpoint.class)
				.doesNotHaveBean("idempotencyHealthContributor"));
		this.application.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).doesNotHaveBean(IdempotencyEndpoint.class)
				.hasSingleBean(HealthContributor.class));
	}

	@Test
	@DisplayName("With idempotency.enabled=false nothing is there")
	void addsNothingWhenDisabled() {
		this.application.withPropertyValues("idempotency.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(IdempotencyEndpoint.class)
				.doesNotHaveBean(HealthContributor.class));
	}

	@Test
	@DisplayName("With management.endpoint.idempotency.access=none there is no endpoint")
	void addsNoEndpointWithoutAccess() {
		this.application.withPropertyValues("management.endpoint.idempotency.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(IdempotencyEndpoint.class));
	}

}
