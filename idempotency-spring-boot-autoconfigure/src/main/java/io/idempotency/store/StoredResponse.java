package io.idempotency.store;

import java.util.Arrays;
import java.util.List;

/**
 * A response as it is stored and replayed.
 *
 * @param status the HTTP status
 * @param headers the headers that the handling of the request set, in their order; a name
 * with several values comes several times
 * @param body the body's bytes, not copied, so not to be changed
 */
public record StoredResponse(int status, List<Header> headers, byte[] body) implements Outcome {

	public StoredResponse {
		if (status < 100 || status > 999) {
			throw new IllegalArgumentException("Not an HTTP status: " + status);
		}
		headers = List.copyOf(headers);
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
