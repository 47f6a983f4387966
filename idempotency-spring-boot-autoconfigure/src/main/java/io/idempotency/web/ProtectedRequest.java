package io.idempotency.web;

import java.io.IOException;

import jakarta.servlet.http.HttpServletRequest;

/**
 * A request with a key to a protected handler, before the handler runs.
 */
public interface ProtectedRequest {

	/**
	 * Returns the request that the handler is to get. Its headers, parameters and parts
	 * may be read; its body is read by {@link #bodyStart()}.
	 * @return the servlet request
	 */
	HttpServletRequest servletRequest();

	/**
	 * Returns the idempotency key as it was sent, without quotes; a UUID in lower case
	 * and without dashes where {@code idempotency.enforce-uuid} is set.
	 * @return the key
	 */
	String key();

	/**
	 * Returns the first {@code idempotency.max-fingerprint-size} bytes of the body, or
	 * all of them if there are fewer. The handler still gets the body whole.
	 * @return the bytes, not to be changed; those of a form are encoded anew from its
	 * parameters, and a multipart body that was parsed into parts has none
	 * @throws IOException if the body cannot be read
	 */
	byte[] bodyStart() throws IOException;

}
