package io.idempotency.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.redis.RedisIdempotencyAutoConfiguration;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.web.gate.GateIdempotencyAutoConfiguration;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Spring Boot says about an application that does not start.
 */
final class StartFailures {

	static final WebApplicationContextRunner RUNNER = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DispatcherServletAutoConfiguration.class,
				WebMvcAutoConfiguration.class, DataRedisAutoConfiguration.class,
				RedisIdempotencyAutoConfiguration.class, MemoryIdempotencyAutoConfiguration.class,
				EngineIdempotencyAutoConfiguration.class, GateIdempotencyAutoConfiguration.class,
				StepIdempotencyAutoConfiguration.class, ServletIdempotencyAutoConfiguration.class));

	private StartFailures() {
	}

	/**
	 * Starts an application that must fail, and analyzes the failure with the analyzers
	 * that are on the class path.
	 */
	static FailureAnalysis analyze(WebApplicationContextRunner runner) {
		List<ConfigurableApplicationContext> source = new ArrayList<>();
		AtomicReference<@Nullable FailureAnalysis> analysis = new AtomicReference<>();
		runner.withInitializer(source::add).run((context) -> {
			assertThat(context).hasFailed();
			analysis.set(analyze(source.get(0), Objects.requireNonNull(context.getStartupFailure())));
		});
		FailureAnalysis found = analysis.get();
		if (found == null) {
			throw new AssertionError("No analyzer knows this failure");
		}
		return found;
	}

	private static @Nullable FailureAnalysis analyze(ConfigurableApplicationContext source, Throwable failure) {
		ArgumentResolver arguments = ArgumentResolver.of(BeanFactory.class, source.getBeanFactory())
			.and(Environment.class, source.getEnvironment());
		return SpringFactoriesLoader.forDefaultResourceLocation(source.getClassLoader())
			.load(FailureAnalyzer.class, arguments, FailureHandler.logging(LogFactory.getLog(StartFailures.class)))
			.stream()
			.map((analyzer) -> analyzer.analyze(failure))
			.filter((found) -> found != null)
			.findFirst()
			.orElse(null);
	}

}
