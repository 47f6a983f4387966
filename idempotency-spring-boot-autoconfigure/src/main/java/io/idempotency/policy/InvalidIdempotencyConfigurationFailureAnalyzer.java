package io.idempotency.policy;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * A {@code FailureAnalyzer} that reports a configuration mistake and how to fix it.
 */
final class InvalidIdempotencyConfigurationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidIdempotencyConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidIdempotencyConfigurationException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.getAction(), cause);
	}

}
