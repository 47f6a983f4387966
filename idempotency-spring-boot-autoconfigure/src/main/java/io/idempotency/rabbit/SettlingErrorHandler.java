package io.idempotency.rabbit;

import org.springframework.util.ErrorHandler;

/**
 * Settles a delivery after the application's error handler has decided about it.
 */
record SettlingErrorHandler(ErrorHandler errorHandler, Settlement settlement) implements ErrorHandler {

	@Override
	public void handleError(Throwable failure) {
		try {
			this.errorHandler.handleError(failure);
		}
		catch (RuntimeException ex) {
			RuntimeException instead = this.settlement.failed(ex);
			throw (instead != null) ? instead : ex;
		}
		RuntimeException instead = this.settlement.failed(failure);
		if (instead != null) {
			throw instead;
		}
	}

}
