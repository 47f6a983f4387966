package io.idempotency.benchmark;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Sends one request after the other on one connection, from the thread of the caller.
 */
final class KeepAliveClient implements AutoCloseable {

	private static final String END_OF_HEAD = "\r\n\r\n";

	private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

	private final Socket socket;

	private final byte[] buffer = new byte[256 * 1024];

	private int length;

	KeepAliveClient(int port) throws IOException {
		this.socket = new Socket("127.0.0.1", port);
		this.socket.setTcpNoDelay(true);
		this.socket.setSoTimeout(60_000);
	}

	/**
	 * Sends a request and reads the whole response.
	 * @param request the request as it goes over the wire
	 */
	Response send(byte[] request) throws IOException {
		this.socket.getOutputStream().write(request);
		this.length = 0;
		String head = readHead();
		int start = head.length();
		String contentLength = header(head, "content-length");
		if (contentLength.isEmpty()) {
			while (!endsWithLastChunk()) {
				readMore();
			}
		}
		else {
			while (this.length < start + Integer.parseInt(contentLength)) {
				readMore();
			}
		}
		return new Response(Integer.parseInt(head.substring(9, 12)), !header(head, "idempotent-replayed").isEmpty(),
				this.length - start);
	}

	private String readHead() throws IOException {
		int end;
		String text;
		do {
			readMore();
			text = new String(this.buffer, 0, Math.min(this.length, 4096), StandardCharsets.ISO_8859_1);
			end = text.indexOf(END_OF_HEAD);
		}
		while (end == -1);
		return text.substring(0, end + END_OF_HEAD.length()).toLowerCase(Locale.ROOT);
	}

	private static String header(String head, String name) {
		int start = head.indexOf("\r\n" + name + ":");
		return (start != -1) ? head.substring(start + name.length() + 3, head.indexOf("\r\n", start + 2)).trim() : "";
	}

	private boolean endsWithLastChunk() {
		for (int i = 0; i < LAST_CHUNK.length; i++) {
			if (this.buffer[this.length - LAST_CHUNK.length + i] != LAST_CHUNK[i]) {
				return false;
			}
		}
		return true;
	}

	private void readMore() throws IOException {
		int read = this.socket.getInputStream().read(this.buffer, this.length, this.buffer.length - this.length);
		if (read <= 0) {
			throw new EOFException("The server closed the connection, or the response is too long for the buffer");
		}
		this.length += read;
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

	/**
	 * What came back.
	 *
	 * @param status the HTTP status
	 * @param replayed whether the response is marked as a replay
	 * @param length the size of the body on the wire
	 */
	record Response(int status, boolean replayed, int length) {
	}

}
