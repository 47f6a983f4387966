package io.idempotency.web.servlet;

import jakarta.servlet.http.HttpServletResponse;

/**
 * Observes the body of a response.
 */
interface BodyObserver {

	/**
	 * Observes nothing.
	 */
	BodyObserver NONE = new BodyObserver() {

		@Override
		public void beforeFirstByte(HttpServletResponse response) {
		}

		@Override
		public boolean keepsLastByte() {
			return false;
		}

	};

	/**
	 * Called before the first byte of a body that is not held is sent.
	 * @param response the response, whose status and headers are set
	 */
	void beforeFirstByte(HttpServletResponse response);

	/**
	 * Returns whether the last byte of a body that is not held is kept back for now, so
	 * that the client does not receive the complete body.
	 */
	boolean keepsLastByte();

}
