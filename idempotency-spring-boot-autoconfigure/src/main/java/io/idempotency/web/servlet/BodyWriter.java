package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.Writer;

/**
 * The target of the writer that handlers and views write to.
 */
final class BodyWriter extends Writer {

	private final EncodedResponse response;

	BodyWriter(EncodedResponse response) {
		this.response = response;
	}

	@Override
	public void write(char[] chars, int offset, int length) throws IOException {
		this.response.encoder().write(chars, offset, length);
	}

	@Override
	public void flush() throws IOException {
		this.response.flushEncoder();
		this.response.flushBody();
	}

	@Override
	public void close() throws IOException {
		this.response.flushEncoder();
		this.response.closeBody();
	}

}
