package io.idempotency.web.servlet;

import java.util.Set;

/**
 * Recognizes the exceptions of method security. They are recognized by name, because the
 * application may not have Spring Security.
 */
final class Denials {

	private static final Set<String> TYPES = Set.of("org.springframework.security.access.AccessDeniedException",
			"org.springframework.security.core.AuthenticationException");

	private static final int MOST_CAUSES = 20;

	private Denials() {
	}

	static boolean include(Throwable exception) {
		Throwable cause = exception;
		for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++, cause = cause.getCause()) {
			for (Class<?> type = cause.getClass(); type != null; type = type.getSuperclass()) {
				if (TYPES.contains(type.getName())) {
					return true;
				}
			}
		}
		return false;
	}

}
