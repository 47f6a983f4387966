package io.idempotency.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Sends header lines that no well-behaved client would, byte for byte.
 */
final class RawHttp {

	private RawHttp() {
	}

	/**
	 * Sends a POST with an empty JSON object.
	 * @param headerLines further header lines, as they go over the wire
	 */
	static Response post(int port, String path, Charset charset, String... headerLines) {
		String head = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
				+ "Content-Type: application/json\r\nContent-Length: 2\r\n";
		String request = head + String.join("\r\n", headerLines) + "\r\n\r\n{}";
		try (Socket socket = new Socket("127.0.0.1", port)) {
			socket.setSoTimeout(60_000);
			socket.getOutputStream().write(request.getBytes(charset));
			socket.getOutputStream().flush();
			String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
			return new Response(Integer.parseInt(response.substring(9, 12)), response);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What came back.
	 *
	 * @param status the HTTP status
	 * @param text the status line, the headers and the body
	 */
	record Response(int status, String text) {
	}

}
