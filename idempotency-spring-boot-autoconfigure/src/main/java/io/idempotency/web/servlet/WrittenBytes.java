package io.idempotency.web.servlet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.util.WebUtils;

/**
 * Writes the body of a response of this library, even if an interceptor has obtained the
 * writer before, and the stream is not available.
 */
final class WrittenBytes {

	private WrittenBytes() {
	}

	static void write(HttpServletResponse response, byte[] bytes) throws IOException {
		CapturingResponse capturing = WebUtils.getNativeResponse(response, CapturingResponse.class);
		if (capturing != null) {
			capturing.write(bytes, 0, bytes.length);
		}
		else {
			writeTo(response, bytes);
		}
	}

	private static void writeTo(HttpServletResponse response, byte[] bytes) throws IOException {
		try {
			response.getOutputStream().write(bytes);
		}
		catch (IllegalStateException ex) {
			response.getWriter().write(new String(bytes, StandardCharsets.UTF_8));
		}
	}

}
