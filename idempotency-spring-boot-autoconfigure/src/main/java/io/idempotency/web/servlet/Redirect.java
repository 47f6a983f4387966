package io.idempotency.web.servlet;

import java.io.IOException;

import jakarta.servlet.http.HttpServletResponse;

/**
 * A redirect that is held back. It is sent as it was asked for, by way of all wrappers
 * and the container, each of which may have its own idea of the location.
 *
 * @param location the location as the handler gave it
 * @param status the HTTP status
 * @param clearBuffer whether what was written before is dropped
 */
record Redirect(String location, int status, boolean clearBuffer) {

	void sendTo(HttpServletResponse response) throws IOException {
		if (!this.clearBuffer) {
			response.sendRedirect(this.location, this.status, false);
		}
		else if (this.status == HttpServletResponse.SC_FOUND) {
			response.sendRedirect(this.location);
		}
		else {
			response.sendRedirect(this.location, this.status);
		}
	}

}
