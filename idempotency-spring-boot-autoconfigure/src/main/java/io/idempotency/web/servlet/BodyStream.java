package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.UncheckedIOException;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

/**
 * The stream that handlers and views write to.
 */
final class BodyStream extends ServletOutputStream {

	private final EncodedResponse response;

	BodyStream(EncodedResponse response) {
		this.response = response;
	}

	@Override
	public void write(int value) throws IOException {
		this.response.write(new byte[] { (byte) value }, 0, 1);
	}

	@Override
	public void write(byte[] bytes, int offset, int length) throws IOException {
		this.response.write(bytes, offset, length);
	}

	@Override
	public void flush() throws IOException {
		this.response.flushBody();
	}

	@Override
	public void close() throws IOException {
		this.response.closeBody();
	}

	@Override
	public boolean isReady() {
		return container().isReady();
	}

	/**
	 * Lets the body through, because a response that is written with non-blocking I/O is
	 * streamed.
	 */
	@Override
	public void setWriteListener(WriteListener listener) {
		try {
			this.response.letThrough();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		container().setWriteListener(listener);
	}

	private ServletOutputStream container() {
		try {
			return this.response.container();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
