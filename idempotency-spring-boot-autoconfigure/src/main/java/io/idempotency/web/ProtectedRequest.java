package io.idempotency.web;

import java.io.IOException;
import java.io.InputStream;
import java.security.Principal;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A request to a protected handler, before the handler runs. Whatever is read here still
 * reaches the handler.
 */
public interface ProtectedRequest {

	/**
	 * Returns the HTTP method that the handler serves.
	 * @return the method's name in upper case
	 */
	String method();

	/**
	 * Returns the path that the client sent, whatever it was forwarded or rewritten to,
	 * in its normal form: with the context path, without {@code ;jsessionid} and the
	 * matrix variables that the handler does not ask for, and percent-encoded but for
	 * letters, digits and {@code -._~}. Two paths that reach one handler with the same
	 * path variables are equal.
	 * @return the path, without the query
	 */
	String path();

	/**
	 * Returns what tells the handler from others that share its path and method: the
	 * content types, headers, parameters or API version that it is restricted to.
	 * @return {@code null} if there are no such others
	 */
	@Nullable String variant();

	/**
	 * Returns the query string that the client sent.
	 * @return the query as it was sent; {@code null} if there is none, or an empty one
	 */
	@Nullable String query();

	/**
	 * Returns the host and port that the client addressed, as far as the application
	 * knows them behind its proxies.
	 * @return host and port with a colon between, the host in lower case
	 */
	String host();

	/**
	 * Returns the values of a header, one for each of its lines.
	 * @param name the header's name, in whatever case
	 * @return the values; empty if the header is absent
	 */
	List<String> headers(String name);

	/**
	 * Returns the first value of a header.
	 * @param name the header's name, in whatever case
	 * @return {@code null} if the header is absent
	 */
	default @Nullable String header(String name) {
		List<String> values = headers(name);
		return values.isEmpty() ? null : values.get(0);
	}

	/**
	 * Returns who sends the request.
	 * @return {@code null} if nobody is authenticated
	 */
	@Nullable Principal principal();

	/**
	 * Returns the identifier of the session that the request belongs to.
	 * @return {@code null} if there is no session
	 */
	@Nullable String sessionId();

	/**
	 * Returns the parameters that came in the body, of a form of either kind. Those of
	 * the query are not among them.
	 * @return the values by name, in the order in which they came, with U+FFFD for what
	 * is malformed; empty if the body is no form, or is too long to be read as one
	 * @throws IOException if the body cannot be read
	 */
	Map<String, List<String>> form() throws IOException;

	/**
	 * Returns the parts of a multipart body.
	 * @return {@code null} if the body is not multipart, or is not read as such
	 * @throws IOException if the parts cannot be read
	 */
	@Nullable List<Part> parts() throws IOException;

	/**
	 * Returns the first {@code idempotency.max-fingerprint-size} bytes of the body, or
	 * all of them if there are fewer.
	 * @return the bytes as they were sent, not to be changed; none if something else has
	 * read them already, or if they were read as parts
	 * @throws IOException if the body cannot be read
	 */
	byte[] bodyStart() throws IOException;

	/**
	 * Returns the length of the body in bytes.
	 * @return -1 if the client did not say
	 */
	long contentLength();

	/**
	 * Returns the request as the framework has it, for what is not said here.
	 * @param type the type of the request, such as {@code HttpServletRequest}
	 * @param <T> the type of the request
	 * @return {@code null} if the framework has no such request
	 */
	<T> @Nullable T unwrap(Class<T> type);

	/**
	 * One part of a multipart body.
	 */
	interface Part {

		/**
		 * Returns the name of the form's field.
		 * @return the name
		 */
		@Nullable String name();

		/**
		 * Returns the name of the file that was uploaded.
		 * @return {@code null} if the part is no file
		 */
		@Nullable String fileName();

		/**
		 * Opens the content; the caller closes it.
		 * @return the content from its beginning
		 * @throws IOException if it cannot be read
		 */
		InputStream open() throws IOException;

	}

}
