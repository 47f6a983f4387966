package io.idempotency.web;

import java.io.IOException;
import java.io.InputStream;
import java.security.Principal;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A request to a protected handler, before the handler runs. The handler can still read
 * everything that is read through this interface.
 */
public interface ProtectedRequest {

	/**
	 * Returns the HTTP method of the request, as the handler sees it.
	 * @return the method's name in upper case
	 */
	String method();

	/**
	 * Returns the path that the client sent, regardless of forwards and rewrites, in a
	 * normal form. It contains the context path, but no {@code ;jsessionid}, and matrix
	 * variables only if the handler has a parameter for them. All characters other than
	 * slashes, letters, digits and {@code -._~} are percent-encoded. Two paths that reach
	 * the same handler with the same path variables are equal.
	 * @return the path, without the query
	 */
	String path();

	/**
	 * Returns the conditions that distinguish the handler from other handlers of the same
	 * path and HTTP method: the content types, headers, parameters or API version that it
	 * is restricted to.
	 * @return the conditions, or {@code null} if there are none
	 */
	@Nullable String variant();

	/**
	 * Returns the query string that the client sent.
	 * @return the query as it was sent, or {@code null} if there is none or it is empty
	 */
	@Nullable String query();

	/**
	 * Returns the host and port that the client sent the request to. Behind a proxy, they
	 * depend on how the application handles forwarded headers.
	 * @return the host in lower case, a colon and the port
	 */
	String host();

	/**
	 * Returns the values of a header, one for each of its lines.
	 * @param name the header's name, in upper or lower case
	 * @return the values; empty if the header is absent
	 */
	List<String> headers(String name);

	/**
	 * Returns the first value of a header.
	 * @param name the header's name, in upper or lower case
	 * @return the value, or {@code null} if the header is absent
	 */
	default @Nullable String header(String name) {
		List<String> values = headers(name);
		return values.isEmpty() ? null : values.get(0);
	}

	/**
	 * Returns the authenticated principal of the request.
	 * @return the principal, or {@code null} if nobody is authenticated
	 */
	@Nullable Principal principal();

	/**
	 * Returns the ID of the HTTP session of the request.
	 * @return the ID, or {@code null} if there is no session
	 */
	@Nullable String sessionId();

	/**
	 * Returns the parameters in the body of a form, either URL-encoded or multipart. The
	 * parameters of the query are not included.
	 * @return the values by name, in the order in which they were sent, with U+FFFD in
	 * place of a malformed name or value; empty if the body is not a form, or is too long
	 * to be read as one
	 * @throws IOException if the body cannot be read
	 */
	Map<String, List<String>> form() throws IOException;

	/**
	 * Returns the parts of a multipart body.
	 * @return the parts, or {@code null} if the body is not multipart, or is not resolved
	 * as a multipart request
	 * @throws IOException if the parts cannot be read
	 */
	@Nullable List<Part> parts() throws IOException;

	/**
	 * Returns the first {@code idempotency.max-fingerprint-size} bytes of the body, or
	 * all of them if there are fewer.
	 * @return the bytes as they were sent, which must not be modified; empty if something
	 * else has read them already, or if they were read as parts
	 * @throws IOException if the body cannot be read
	 */
	byte[] bodyStart() throws IOException;

	/**
	 * Returns the length of the body in bytes, as the client declared it.
	 * @return the length, or -1 if the client did not declare one
	 */
	long contentLength();

	/**
	 * Returns the request of the underlying framework, for access to information that
	 * this interface does not provide.
	 * @param type the type of the request, such as {@code HttpServletRequest}
	 * @param <T> the type of the request
	 * @return the request, or {@code null} if there is no request of the type
	 */
	<T> @Nullable T unwrap(Class<T> type);

	/**
	 * One part of a multipart body.
	 */
	interface Part {

		/**
		 * Returns the name of the form field.
		 * @return the name
		 */
		@Nullable String name();

		/**
		 * Returns the name of the uploaded file.
		 * @return the name, or {@code null} if the part is not a file
		 */
		@Nullable String fileName();

		/**
		 * Opens the content. The caller must close the stream.
		 * @return the content from its beginning
		 * @throws IOException if it cannot be read
		 */
		InputStream open() throws IOException;

	}

}
