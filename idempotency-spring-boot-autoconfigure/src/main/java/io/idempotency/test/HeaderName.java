package io.idempotency.test;

import jakarta.servlet.http.HttpServletRequest;

import org.springframework.context.ApplicationContext;
import org.springframework.web.context.support.WebApplicationContextUtils;

/**
 * A header whose name is configured by a property of the application.
 */
enum HeaderName {

	/**
	 * The request header that carries the key.
	 */
	KEY("idempotency.key-header", "Idempotency-Key"),

	/**
	 * The response header that marks a replay.
	 */
	REPLAY("idempotency.replay-header", "Idempotent-Replayed");

	private final String property;

	private final String defaultName;

	HeaderName(String property, String defaultName) {
		this.property = property;
		this.defaultName = defaultName;
	}

	/**
	 * Returns the name that the application of the request has configured.
	 */
	String in(HttpServletRequest request) {
		ApplicationContext context = WebApplicationContextUtils.getWebApplicationContext(request.getServletContext());
		return (context != null) ? context.getEnvironment().getProperty(this.property, this.defaultName)
				: this.defaultName;
	}

}
