package io.idempotency.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A response as it is stored and replayed. Headers are changed in the same way as servers
 * change them when they send a response, so that a retry gets the same response as the
 * first request.
 *
 * @param status the HTTP status of a final response, from 200 to 599
 * @param headers the headers that were set while the request was handled, in their order;
 * a name with several values occurs several times. A header is left out if its name is
 * not a token (RFC 9110, section 5.6.2), or if it frames the body ({@code Content-Length}
 * and {@code Transfer-Encoding}). A header whose name begins with a colon is internal to
 * this library and is not sent. Control characters in values, except tabs, are replaced
 * with spaces (RFC 9110, section 5.5)
 * @param body the bytes of the body, which are not copied and must not be changed
 */
public record StoredResponse(int status, List<Header> headers, byte[] body) implements Outcome {

	private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

	public StoredResponse {
		if (status < 200 || status > 599) {
			throw new IllegalArgumentException("Not the HTTP status of a final response: " + status);
		}
		headers = storable(headers);
	}

	private static List<Header> storable(List<Header> headers) {
		List<Header> storable = new ArrayList<>(headers.size());
		for (Header header : headers) {
			if (isStored(header)) {
				storable.add(withoutControls(header));
			}
		}
		return List.copyOf(storable);
	}

	private static boolean isStored(Header header) {
		String name = header.name();
		int start = name.startsWith(":") ? 1 : 0;
		if (name.length() == start || name.equalsIgnoreCase("Content-Length")
				|| name.equalsIgnoreCase("Transfer-Encoding")) {
			return false;
		}
		for (int i = start; i < name.length(); i++) {
			if (!isTokenCharacter(name.charAt(i))) {
				return false;
			}
		}
		return true;
	}

	private static boolean isTokenCharacter(char character) {
		return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
				|| (character >= '0' && character <= '9') || TOKEN_SIGNS.indexOf(character) >= 0;
	}

	private static Header withoutControls(Header header) {
		char[] value = null;
		for (int i = 0; i < header.value().length(); i++) {
			char character = header.value().charAt(i);
			if ((character < ' ' && character != '\t') || character == 0x7f) {
				value = (value != null) ? value : header.value().toCharArray();
				value[i] = ' ';
			}
		}
		return (value != null) ? new Header(header.name(), new String(value)) : header;
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
	 * Describes the response without its content, which may be private.
	 */
	@Override
	public String toString() {
		return "StoredResponse[status=" + this.status + ", " + this.headers.size() + " headers, " + this.body.length
				+ " bytes]";
	}

	/**
	 * One value of one header.
	 *
	 * @param name the name of the header, as it was set
	 * @param value the value
	 */
	public record Header(String name, String value) {
	}

}
