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
		this.exchange.cutOff();
	}

	@Override
	public void onError(AsyncEvent event) {
		this.exchange.cutOff();
	}

	@Override
	public void onComplete(AsyncEvent event) {
		this.exchange.requestCompleted();
	}

	@Override
	public void onStartAsync(AsyncEvent event) {
	}

}
