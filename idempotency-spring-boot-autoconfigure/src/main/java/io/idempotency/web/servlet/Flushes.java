package io.idempotency.web.servlet;

import java.io.IOException;

import jakarta.servlet.ServletOutputStream;

/**
 * Remembers the flushes and the closing of a response while it is held. They are repeated
 * when it is sent, so that headers that are set later are ignored, as they would be
 * without this library.
 */
final class Flushes {

	private boolean stream;

	private boolean response;

	private boolean closed;

	void ofStream() {
		this.stream = true;
	}

	void ofResponse() {
		this.response = true;
	}

	void ofClose() {
		this.closed = true;
	}

	void clear() {
		this.closed = false;
		this.stream = false;
		this.response = false;
	}

	void repeat(Target target, Flush flush) throws IOException {
		if (this.stream) {
			target.stream().flush();
		}
		if (this.response) {
			flush.flushBuffer();
		}
		if (this.closed) {
			target.stream().close();
		}
	}

	/**
	 * Returns the stream that the body was sent to.
	 */
	@FunctionalInterface
	interface Target {

		ServletOutputStream stream() throws IOException;

	}

	/**
	 * Flushes the response.
	 */
	@FunctionalInterface
	interface Flush {

		void flushBuffer() throws IOException;

	}

}
