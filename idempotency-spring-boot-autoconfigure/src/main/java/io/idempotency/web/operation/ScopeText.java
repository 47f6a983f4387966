package io.idempotency.web.operation;

import org.jspecify.annotations.Nullable;

/**
 * Joins a sequence of values into one text. The length of each value precedes it, so that
 * different sequences never result in the same text.
 */
final class ScopeText {

	private static final int USUAL_LENGTH = 128;

	private final StringBuilder text = new StringBuilder(USUAL_LENGTH);

	ScopeText add(@Nullable String value) {
		if (value == null) {
			return addLength(-1);
		}
		addLength(value.length());
		this.text.append(value);
		return this;
	}

	ScopeText addLength(long length) {
		this.text.append(length).append(':');
		return this;
	}

	@Override
	public String toString() {
		return this.text.toString();
	}

}
