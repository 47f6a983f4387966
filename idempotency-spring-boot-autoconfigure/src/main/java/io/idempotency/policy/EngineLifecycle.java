package io.idempotency.policy;

import io.idempotency.engine.IdempotencyEngine;

import org.springframework.context.SmartLifecycle;

/**
 * Stops the engine after the web server has completed its requests, and before the
 * connections of stores are closed.
 */
final class EngineLifecycle implements SmartLifecycle {

	/**
	 * Spring Boot stops the web server in {@code DEFAULT_PHASE - 2048}, and connection
	 * factories stop in phase 0.
	 */
	private static final int PHASE = DEFAULT_PHASE - 4096;

	private final IdempotencyEngine engine;

	private volatile boolean running;

	EngineLifecycle(IdempotencyEngine engine) {
		this.engine = engine;
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		this.engine.stop();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
