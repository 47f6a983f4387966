package io.idempotency.store;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A response as it is stored and replayed. Every server can send it: what a handler has
 * set otherwise is changed to what servers make of it, so that a retry gets it, too.
 *
 * @param status the HTTP status of a final response, from 200 to 599
 * @param headers the headers that the handling of the request set, in their order; a name
 * with several values comes several times. A header is left out if its name is no token
 * (RFC 9110, section 5.6.2), or if it frames the body, as {@code Content-Length} and
 * {@code Transfer-Encoding} do. A name may begin with a colon: such a header is a note of
 * this library, which is not sent. A control character in a value, other than a tab,
 * becomes a space (RFC 9110, section 5.5); every other character is kept
 * @param body the body's bytes, not copied, so not to be changed
 */
public record StoredResponse(int status, List<Header> headers, byte[] body) implements Outcome {

	private static final Pattern NAME = Pattern.compile(":?[!#$%&'*+.^_`|~0-9A-Za-z-]+");

	private static final Pattern FRAMING = Pattern.compile("Content-Length|Transfer-Encoding",
			Pattern.CASE_INSENSITIVE);

	private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");

	public StoredResponse {
		if (status < 200 || status > 599) {
			throw new IllegalArgumentException("Not the HTTP status of a final response: " + status);
		}
		headers = headers.stream().filter(StoredResponse::isStored).map(StoredResponse::withoutControls).toList();
	}

	private static boolean isStored(Header header) {
		return NAME.matcher(header.name()).matches() && !FRAMING.matcher(header.name()).matches();
	}

	private static Header withoutControls(Header header) {
		String value = CONTROL.matcher(header.value()).replaceAll(" ");
		return value.equals(header.value()) ? header : new Header(header.name(), value);
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof StoredResponse that && this.status == that.status && this.headers.equals(that.headers)
				&& Arrays.equals(this.body, that.body);
	}

	@Override
	public int hashCode() {
		return 31 * (31 * this.status + this.headers.hashCode()) + Arrays.hashCode(this.body);
	}

	/**
	 * Describes the response without its contents, which may be private.
	 */
	@Override
	public String toString() {
		return "StoredResponse[status=" + this.status + ", " + this.headers.size() + " headers, " + this.body.length
				+ " bytes]";
	}

	/**
	 * One value of one header.
	 *
	 * @param name the header's name as it was set
	 * @param value the value
	 */
	public record Header(String name, String value) {
	}

}
