package io.idempotency.web.servlet;

import java.io.IOException;

import jakarta.servlet.http.HttpServletResponse;

/**
 * A redirect that is held back. It is sent later in the way in which it was requested,
 * because wrappers and the container may change the location.
 *
 * @param location the location that the handler passed
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
