package io.idempotency.policy;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows a mistake in the configuration, and its mend, instead of a stack trace.
 */
final class InvalidIdempotencyConfigurationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidIdempotencyConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidIdempotencyConfigurationException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.getAction(), cause);
	}

}
