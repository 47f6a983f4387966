package io.idempotency.web.servlet;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Listens for the end of an asynchronous request. After a timeout or an error, the
 * handler may still be running, and an error page may follow.
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
