package io.idempotency.web.servlet;

import java.util.concurrent.CompletableFuture;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Ends the wait of a request whose client has disconnected.
 *
 * @param change what the request waits for
 */
record SuspensionEnd(CompletableFuture<Void> change) implements AsyncListener {

	@Override
	public void onComplete(AsyncEvent event) {
		this.change.cancel(false);
	}

	@Override
	public void onTimeout(AsyncEvent event) {
		this.change.cancel(false);
	}

	@Override
	public void onError(AsyncEvent event) {
		this.change.cancel(false);
	}

	@Override
	public void onStartAsync(AsyncEvent event) {
	}

}
