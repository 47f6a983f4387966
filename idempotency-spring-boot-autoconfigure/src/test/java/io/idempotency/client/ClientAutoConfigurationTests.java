package io.idempotency.client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

class ClientAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ClientIdempotencyAutoConfiguration.class))
		.withPropertyValues("idempotency.client.enabled=true");

	@Test
	void customizesEveryBuilder() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(RestClientCustomizer.class)
			.hasSingleBean(RestTemplateCustomizer.class)
			.hasSingleBean(WebClientCustomizer.class)
			.hasSingleBean(IdempotencyKeySource.class));
	}

	@Test
	void defaultsAreThoseOfProperties() {
		this.runner.run((context) -> assertThat(context.getBean(IdempotencyClientProperties.class))
			.isEqualTo(IdempotencyClientProperties.defaults()));
	}

	@Test
	void leavesRestClientsAloneWithoutTheirModule() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.restclient"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("idempotencyRestClientCustomizer")
				.doesNotHaveBean("idempotencyRestTemplateCustomizer")
				.hasSingleBean(WebClientCustomizer.class));
	}

	@Test
	void leavesWebClientsAloneWithoutTheirModule() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.webclient"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("idempotencyWebClientCustomizer")
				.hasSingleBean(RestClientCustomizer.class));
	}

	@Test
	void leavesWebClientsAloneWithoutWebFlux() {
		this.runner.withClassLoader(new FilteredClassLoader(WebClient.class.getPackageName(), "reactor"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("idempotencyWebClientCustomizer")
				.hasSingleBean(RestClientCustomizer.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "idempotency.client.enabled=false", "idempotency.enabled=false" })
	void doesNothingWhenSwitchedOff(String property) {
		this.runner.withPropertyValues(property)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(RestClientCustomizer.class)
				.doesNotHaveBean(WebClientCustomizer.class)
				.doesNotHaveBean(IdempotencyKeySource.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "key-header=", "key-header=Idempotency Key", "hosts=https://example.com", "derive=maybe",
			"retry.max-attempts=0", "retry.delay=-1s", "retry.multiplier=0.5", "retry.max-delay=100ms",
			"retry.max-delay=25h", "retry.statuses=200", "retry.statuses=600" })
	void namesWrongProperty(String property) {
		String name = property.substring(0, property.indexOf('='));
		this.runner.withPropertyValues("idempotency.client." + property)
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("idempotency.client." + name));
	}

}
