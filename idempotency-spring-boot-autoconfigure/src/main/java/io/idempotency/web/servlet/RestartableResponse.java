package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

/**
 * The response of a request that may have to wait. While the request waits, everything
 * that filters write, flush or send is discarded.
 */
final class RestartableResponse extends HttpServletResponseWrapper {

	private final RestartableRequest request;

	private @Nullable ServletOutputStream stream;

	private @Nullable PrintWriter writer;

	RestartableResponse(HttpServletResponse response, RestartableRequest request) {
		super(response);
		this.request = request;
	}

	@Override
	public ServletOutputStream getOutputStream() throws IOException {
		if (this.stream == null) {
			this.stream = new Stream(super.getOutputStream());
		}
		return this.stream;
	}

	@Override
	public PrintWriter getWriter() throws IOException {
		if (this.writer == null) {
			this.writer = new PrintWriter(new Characters(super.getWriter()));
		}
		return this.writer;
	}

	@Override
	public void flushBuffer() throws IOException {
		if (!this.request.isSuspended()) {
			super.flushBuffer();
		}
	}

	@Override
	public void sendError(int status) throws IOException {
		if (!this.request.isSuspended()) {
			super.sendError(status);
		}
	}

	@Override
	public void sendError(int status, @Nullable String message) throws IOException {
		if (!this.request.isSuspended()) {
			super.sendError(status, message);
		}
	}

	@Override
	public void sendRedirect(String location) throws IOException {
		if (!this.request.isSuspended()) {
			super.sendRedirect(location);
		}
	}

	@Override
	public void sendRedirect(String location, int status) throws IOException {
		if (!this.request.isSuspended()) {
			super.sendRedirect(location, status);
		}
	}

	@Override
	public void sendRedirect(String location, boolean clearBuffer) throws IOException {
		if (!this.request.isSuspended()) {
			super.sendRedirect(location, clearBuffer);
		}
	}

	@Override
	public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
		if (!this.request.isSuspended()) {
			super.sendRedirect(location, status, clearBuffer);
		}
	}

	private final class Stream extends ServletOutputStream {

		private final ServletOutputStream container;

		Stream(ServletOutputStream container) {
			this.container = container;
		}

		private boolean isLost() {
			return RestartableResponse.this.request.isSuspended();
		}

		@Override
		public void write(int value) throws IOException {
			if (!isLost()) {
				this.container.write(value);
			}
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			if (!isLost()) {
				this.container.write(bytes, offset, length);
			}
		}

		@Override
		public void flush() throws IOException {
			if (!isLost()) {
				this.container.flush();
			}
		}

		@Override
		public void close() throws IOException {
			if (!isLost()) {
				this.container.close();
			}
		}

		@Override
		public boolean isReady() {
			return this.container.isReady();
		}

		@Override
		public void setWriteListener(WriteListener listener) {
			this.container.setWriteListener(listener);
		}

	}

	private final class Characters extends Writer {

		private final PrintWriter container;

		Characters(PrintWriter container) {
			this.container = container;
		}

		private boolean isLost() {
			return RestartableResponse.this.request.isSuspended();
		}

		@Override
		public void write(char[] characters, int offset, int length) {
			if (!isLost()) {
				this.container.write(characters, offset, length);
			}
		}

		@Override
		public void flush() {
			if (!isLost()) {
				this.container.flush();
			}
		}

		@Override
		public void close() {
			if (!isLost()) {
				this.container.close();
			}
		}

	}

}
