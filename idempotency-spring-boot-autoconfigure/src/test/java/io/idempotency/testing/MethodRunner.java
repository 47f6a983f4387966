package io.idempotency.testing;

import java.util.stream.Stream;

import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.method.MethodIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.step.StepIdempotencyAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * Starts applications that protect methods, with records in memory.
 */
public final class MethodRunner {

	private MethodRunner() {
	}

	/**
	 * Returns a runner.
	 * @param more further auto-configurations
	 */
	public static ApplicationContextRunner with(Class<?>... more) {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(Stream
			.concat(Stream.of(MemoryIdempotencyAutoConfiguration.class, EngineIdempotencyAutoConfiguration.class,
					StepIdempotencyAutoConfiguration.class, MethodIdempotencyAutoConfiguration.class), Stream.of(more))
			.toArray(Class<?>[]::new)));
	}

}
