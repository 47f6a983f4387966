package io.idempotency.jdbc;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains how to create the table.
 */
final class RecordTableFailureAnalyzer extends AbstractFailureAnalyzer<RecordTableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RecordTableException cause) {
		return new FailureAnalysis(cause.getMessage(), "Create it in your migrations with " + cause.getScript()
				+ ", or set idempotency.jdbc.initialize-schema=always.", cause);
	}

}
