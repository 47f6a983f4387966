package io.idempotency.testing;

import java.util.List;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The web servers that handlers are tested on.
 */
public enum ServerKind {

	/**
	 * Tomcat with a pool of threads.
	 */
	TOMCAT(false, false),

	/**
	 * Jetty with a pool of threads.
	 */
	JETTY(true, false),

	/**
	 * Tomcat with a virtual thread for each request.
	 */
	TOMCAT_VIRTUAL(false, true),

	/**
	 * Jetty with a virtual thread for each request.
	 */
	JETTY_VIRTUAL(true, true);

	private final boolean jetty;

	private final boolean virtualThreads;

	ServerKind(boolean jetty, boolean virtualThreads) {
		this.jetty = jetty;
		this.virtualThreads = virtualThreads;
	}

	/**
	 * Returns a running application that tests share, on this server and the memory
	 * store. Where the JDK has no virtual threads, a test that needs them is aborted.
	 */
	public TestApp shared(List<Class<?>> configuration, String... properties) {
		assumeTrue(!this.virtualThreads || Runtime.version().feature() >= 21, "The JDK has virtual threads");
		return TestApp
			.shared(configuration, StoreKind.MEMORY,
					Stream
						.concat(Stream.of(properties),
								Stream.of("test.server=" + (this.jetty ? "jetty" : "tomcat"),
										"spring.threads.virtual.enabled=" + this.virtualThreads))
						.toArray(String[]::new));
	}

	/**
	 * Returns whether an application runs on Jetty.
	 */
	public boolean isJetty() {
		return this.jetty;
	}

	/**
	 * Returns whether an application has a virtual thread for each request.
	 */
	public boolean hasVirtualThreads() {
		return this.virtualThreads;
	}

}
