package io.idempotency.gauntlet;

import java.util.Locale;

/**
 * The containers.
 */
enum Server {

	TOMCAT, JETTY;

	String property() {
		return "test.server=" + name().toLowerCase(Locale.ROOT);
	}

}
