package io.idempotency.web.servlet;

import jakarta.servlet.http.HttpServletResponse;

/**
 * Learns what becomes of the body of a response.
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
	 * Called before the first byte of a body that is not held.
	 * @param response the response, of which status and headers are known
	 */
	void beforeFirstByte(HttpServletResponse response);

	/**
	 * Returns whether the last byte of a body that is not held stays here for now, so
	 * that no client has all of it.
	 */
	boolean keepsLastByte();

}
