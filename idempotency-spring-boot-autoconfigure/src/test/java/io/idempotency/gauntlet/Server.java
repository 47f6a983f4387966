package io.idempotency.gauntlet;

/**
 * The containers.
 */
enum Server {

	TOMCAT, JETTY;

	String property() {
		return "test.server=" + name().toLowerCase();
	}

}
