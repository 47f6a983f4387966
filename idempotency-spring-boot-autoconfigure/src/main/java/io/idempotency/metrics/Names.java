package io.idempotency.metrics;

import java.util.Locale;

import io.idempotency.store.IdempotencyStore;

import org.springframework.util.ClassUtils;

/**
 * Creates the values of tags. There are few of them, and none comes from a request.
 */
final class Names {

	private static final String SUFFIX = "IdempotencyStore";

	private Names() {
	}

	static String of(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	/**
	 * Returns a name such as {@code redis} for a {@code RedisIdempotencyStore}. For a
	 * class without that suffix, it is the simple class name.
	 */
	static String of(IdempotencyStore store) {
		String name = ClassUtils.getUserClass(store).getSimpleName();
		return (name.endsWith(SUFFIX) && name.length() > SUFFIX.length())
				? name.substring(0, name.length() - SUFFIX.length()).toLowerCase(Locale.ROOT) : name;
	}

}
