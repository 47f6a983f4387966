package io.idempotency.encryption;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows what is wrong with a key instead of a stack trace. What Spring Boot shows of a
 * property has its value.
 */
final class EncryptionKeyFailureAnalyzer extends AbstractFailureAnalyzer<EncryptionKeyException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, EncryptionKeyException cause) {
		return new FailureAnalysis(cause.getMessage() + ".",
				"Set " + cause.getProperty() + " to what 'openssl rand -base64 32' makes.", cause);
	}

}
