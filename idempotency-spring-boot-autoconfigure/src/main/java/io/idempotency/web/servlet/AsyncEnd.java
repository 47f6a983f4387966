package io.idempotency.web.servlet;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Learns how an asynchronous request ends that the container ends by itself. An error
 * page may still come.
 *
 * @param exchange the exchange of the request
 */
record AsyncEnd(IdempotencyExchange exchange) implements AsyncListener {

	@Override
	public void onTimeout(AsyncEvent event) {
		cutOff();
	}

	@Override
	public void onError(AsyncEvent event) {
		cutOff();
	}

	private void cutOff() {
		FirstRun run = this.exchange.run();
		if (run != null) {
			run.cutOff();
		}
	}

	@Override
	public void onComplete(AsyncEvent event) {
		FirstRun run = this.exchange.run();
		if (run != null && run.isOpen()) {
			run.release();
		}
	}

	@Override
	public void onStartAsync(AsyncEvent event) {
	}

}
