package io.idempotency.testing;

import java.util.List;
import java.util.Objects;

import io.idempotency.policy.InvalidIdempotencyConfigurationException;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A listener that cannot be protected.
 *
 * @param type the class of the listener
 * @param message what the failure of the start says
 * @param properties with which it cannot be protected
 */
public record ListenerMistake(Class<?> type, String message, List<String> properties) {

	public ListenerMistake(Class<?> type, String message, String... properties) {
		this(type, message, List.of(properties));
	}

	/**
	 * Asserts that an application with it does not start, and says why.
	 */
	public void assertFailsAtStart(ApplicationContextRunner runner) {
		runner.withBean(this.type).withPropertyValues(this.properties.toArray(String[]::new)).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(NestedExceptionUtils.getMostSpecificCause(Objects.requireNonNull(context.getStartupFailure())))
				.isInstanceOfAny(InvalidIdempotencyConfigurationException.class, IllegalArgumentException.class)
				.hasMessageContaining(this.message);
		});
	}

}
