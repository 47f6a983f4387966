package io.idempotency.web.servlet;

import java.util.Set;

/**
 * The exceptions of method security. They are known by their names, since an application
 * need not have Spring Security.
 */
final class Denials {

	private static final Set<String> TYPES = Set.of("org.springframework.security.access.AccessDeniedException",
			"org.springframework.security.core.AuthenticationException");

	private Denials() {
	}

	static boolean include(Throwable exception) {
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			for (Class<?> type = cause.getClass(); type != null; type = type.getSuperclass()) {
				if (TYPES.contains(type.getName())) {
					return true;
				}
			}
		}
		return false;
	}

}
