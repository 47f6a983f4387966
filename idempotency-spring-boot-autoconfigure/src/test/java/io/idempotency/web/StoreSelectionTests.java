package io.idempotency.web;

import java.net.http.HttpResponse;
import java.util.List;

import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which store an application gets, and whether it gets anything.
 */
class StoreSelectionTests {

	private static final WebApplicationContextRunner RUNNER = StartFailures.RUNNER;

	private static final WebApplicationContextRunner WITHOUT_REDIS = RUNNER.withClassLoader(new FilteredClassLoader(
			"org.springframework.data.redis", "org.springframework.boot.data.redis", "io.lettuce"));

	@Test
	@DisplayName("O1: without Redis on the class path the store is in memory")
	void keepsRecordsInMemoryWithoutRedis() {
		WITHOUT_REDIS.run((context) -> assertThat(context).hasNotFailed()
			.getBean(IdempotencyStore.class)
			.isInstanceOf(MemoryIdempotencyStore.class));
	}

	@Test
	@DisplayName("O1: with a connection to Redis the store is Redis")
	void keepsRecordsInRedis() {
		RUNNER.run((context) -> assertThat(context).hasNotFailed()
			.hasSingleBean(IdempotencyStore.class)
			.hasBean("redisIdempotencyStore"));
	}

	@Test
	@DisplayName("O1: store=memory decides against Redis")
	void keepsRecordsInMemoryWhenAskedTo() {
		RUNNER.withPropertyValues("idempotency.store=memory")
			.run((context) -> assertThat(context).hasSingleBean(IdempotencyStore.class)
				.hasSingleBean(MemoryIdempotencyStore.class));
	}

	@Test
	@DisplayName("O1: store=redis without Redis on the class path fails the start")
	void failsWithoutRedisWhenAskedForIt() {
		FailureAnalysis analysis = StartFailures.analyze(WITHOUT_REDIS.withPropertyValues("idempotency.store=redis"));
		assertThat(analysis.getDescription()).contains("idempotency.store").containsIgnoringCase("redis");
		assertThat(analysis.getAction()).contains("spring-boot-starter-data-redis");
	}

	@ParameterizedTest
	@ValueSource(strings = { "memory", "redis" })
	@DisplayName("O1: a bean of type IdempotencyStore is used instead, whatever the property says")
	void usesStoreOfApplication(String type) {
		RUNNER.withUserConfiguration(OwnStore.class)
			.withPropertyValues("idempotency.store=" + type)
			.run((context) -> assertThat(context).hasSingleBean(IdempotencyStore.class).hasBean("ownStore"));
	}

	@Test
	@DisplayName("O1: of two stores of an application, one must be primary")
	void failsOnTwoStores() {
		FailureAnalysis analysis = StartFailures
			.analyze(RUNNER.withUserConfiguration(OwnStore.class, OtherStore.class));
		assertThat(analysis.getDescription()).contains("ownStore", "otherStore");
		assertThat(analysis.getAction()).contains("@Primary");
		RUNNER.withUserConfiguration(OwnStore.class, PrimaryStore.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	@DisplayName("enabled=false: nothing of the starter is there")
	void addsNoBeansWhenDisabled() {
		RUNNER.withPropertyValues("idempotency.enabled=false", "idempotency.max-key-length=0").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(List.of(context.getBeanDefinitionNames()))
				.allSatisfy((name) -> assertThat(ClassUtils.getPackageName(context.getBean(name).getClass()))
					.doesNotStartWith("io.idempotency"));
		});
	}

	@Test
	@DisplayName("enabled=false: a request with a key is a request like any other")
	void ignoresKeyWhenDisabled() {
		TestApp app = TestApp.shared(List.of(Things.class), StoreKind.MEMORY, "idempotency.enabled=false");
		String key = TestApp.newKey();
		app.post("/things/" + key, key, "{}");
		HttpResponse<byte[]> second = app.post("/things/" + key, key, "{}");
		assertThat(second.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(2);
	}

	@Test
	@DisplayName("Lazy initialization loses no annotation")
	void findsAnnotationsWhenLazy() {
		try (TestApp app = TestApp.start(List.of(AnnotatedThings.class), StoreKind.MEMORY,
				"spring.main.lazy-initialization=true")) {
			HandlerProtection.REQUIRED.assertOn(app, "PUT", "/on-method/required");
			HandlerProtection.OPTIONAL.assertOn(app, "DELETE", "/on-method/optional");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStore {

		@Bean
		IdempotencyStore ownStore() {
			return new MemoryIdempotencyStore(10);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherStore {

		@Bean
		IdempotencyStore otherStore() {
			return new MemoryIdempotencyStore(10);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryStore {

		@Bean
		@Primary
		IdempotencyStore primaryStore() {
			return new MemoryIdempotencyStore(10);
		}

	}

}
