package io.idempotency.web.servlet;

import java.io.IOException;

import jakarta.servlet.ReadListener;

/**
 * Reads a body from its beginning, including what was read ahead.
 */
final class HeldBodyStream extends OwnBodyStream {

	private final HeldBody body;

	private final RepeatableRequest request;

	HeldBodyStream(HeldBody body, RepeatableRequest request) {
		this.body = body;
		this.request = request;
	}

	@Override
	public int read(byte[] bytes, int offset, int length) throws IOException {
		this.request.beforeRead();
		return this.body.read(bytes, offset, length);
	}

	@Override
	public int available() throws IOException {
		return this.body.available() + this.request.containerStream().available();
	}

	@Override
	public boolean isFinished() {
		return this.body.isPassing() && this.request.containerStream().isFinished();
	}

	@Override
	public boolean isReady() {
		return !this.body.isPassing() || this.request.containerStream().isReady();
	}

	/**
	 * Fails if bytes are held, because a non-blocking reader would miss them.
	 */
	@Override
	public void setReadListener(ReadListener listener) {
		if (!this.body.isPassing()) {
			throw new IllegalStateException(
					"The body of a request with an idempotency key must be read with blocking I/O");
		}
		this.request.containerStream().setReadListener(listener);
	}

}
