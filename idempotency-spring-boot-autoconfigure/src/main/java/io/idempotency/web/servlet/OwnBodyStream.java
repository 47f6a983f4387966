package io.idempotency.web.servlet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

import jakarta.servlet.ServletInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream of a request body that replaces the container's stream.
 */
abstract class OwnBodyStream extends ServletInputStream {

	@Override
	public final int read() throws IOException {
		byte[] single = new byte[1];
		return (read(single, 0, 1) > 0) ? single[0] & 0xff : -1;
	}

	@Override
	public abstract int read(byte[] bytes, int offset, int length) throws IOException;

	/**
	 * Returns a reader of a body.
	 * @param encoding the encoding of the request; {@code null} for the default of
	 * containers (Servlet 6.1, section 3.12)
	 */
	static BufferedReader reader(ServletInputStream body, @Nullable String encoding) throws IOException {
		return new BufferedReader((encoding != null) ? new InputStreamReader(body, encoding)
				: new InputStreamReader(body, StandardCharsets.ISO_8859_1));
	}

}
