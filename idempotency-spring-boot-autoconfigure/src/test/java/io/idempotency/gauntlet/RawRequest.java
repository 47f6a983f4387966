package io.idempotency.gauntlet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request as it goes over the wire, which no well-behaved client would send.
 *
 * @param path the request target
 * @param headers the header lines
 * @param body the body, one character for each byte
 */
record RawRequest(String path, List<String> headers, String body) {

	static RawRequest post(String path) {
		return new RawRequest(path, List.of("Host: 127.0.0.1", "Content-Type: application/json"), "{}");
	}

	/**
	 * Returns this with a header instead of the lines that have its name.
	 */
	RawRequest header(String name, String value) {
		List<String> headers = new ArrayList<>(this.headers);
		headers.removeIf((line) -> line.startsWith(name + ":"));
		headers.add(name + ": " + value);
		return new RawRequest(this.path, headers, this.body);
	}

	/**
	 * Returns this with a further header line.
	 */
	RawRequest line(String name, String value) {
		List<String> headers = new ArrayList<>(this.headers);
		headers.add(name + ": " + value);
		return new RawRequest(this.path, headers, this.body);
	}

	RawRequest to(String path) {
		return new RawRequest(path, this.headers, this.body);
	}

	Response send(int port) {
		try (Socket socket = new Socket("127.0.0.1", port)) {
			socket.setSoTimeout(60_000);
			socket.getOutputStream()
				.write((head("Content-Length: " + this.body.length()) + this.body)
					.getBytes(StandardCharsets.ISO_8859_1));
			socket.getOutputStream().flush();
			return Response.of(socket.getInputStream().readAllBytes());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Sends a body that does not end, until the server has closed the connection or has
	 * taken so many bytes.
	 * @return how many bytes the server took
	 */
	long sendWithoutEnd(int port, long atMost) {
		byte[] chunk = new byte[64 * 1024];
		long sent = 0;
		try (Socket socket = new Socket("127.0.0.1", port)) {
			OutputStream out = socket.getOutputStream();
			out.write(head("Content-Length: 100000000000").getBytes(StandardCharsets.ISO_8859_1));
			out.write(this.body.getBytes(StandardCharsets.ISO_8859_1));
			InputStream in = socket.getInputStream();
			while (sent < atMost) {
				in.skip(in.available());
				out.write(chunk);
				sent += chunk.length;
			}
		}
		catch (IOException ex) {
			// The server has closed the connection.
		}
		return sent;
	}

	private String head(String length) {
		return "POST " + this.path + " HTTP/1.1\r\n" + String.join("\r\n", this.headers) + "\r\nConnection: close\r\n"
				+ length + "\r\n\r\n";
	}

	/**
	 * What came back.
	 *
	 * @param status the status, or {@code -1} if there is no answer
	 * @param head the status line and the headers
	 * @param body what follows them
	 */
	record Response(int status, String head, String body) {

		private static Response of(byte[] bytes) {
			String text = new String(bytes, StandardCharsets.ISO_8859_1);
			int end = text.indexOf("\r\n\r\n");
			if (end < 0) {
				return new Response(-1, text, "");
			}
			String head = text.substring(0, end);
			return new Response(Integer.parseInt(text.substring(9, 12)), head, text.substring(end + 4));
		}

		boolean isReplay() {
			return this.head.contains("\r\nIdempotent-Replayed: true");
		}

	}

}
