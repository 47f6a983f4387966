package io.idempotency.web;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.FastByteArrayOutputStream;

/**
 * A response that holds its body back, until it is settled what becomes of the record.
 * Nothing reaches the client before that: not by a flush, a redirect or an error.
 */
final class CapturingResponse extends HeldHeadersResponse {

	/**
	 * Holds whatever is written until it is sent.
	 */
	static final long UNLIMITED = Long.MAX_VALUE;

	private final HttpServletRequest request;

	private final FastByteArrayOutputStream body = new FastByteArrayOutputStream();

	private State state = State.PASSING;

	private long limit;

	private Runnable beforePassing = () -> {
	};

	private @Nullable ServletOutputStream stream;

	private @Nullable PrintWriter writer;

	/**
	 * What the writer writes to: there is one once the encoding is fixed.
	 */
	private @Nullable Writer encoder;

	CapturingResponse(HttpServletRequest request, HttpServletResponse response) {
		super(response);
		this.request = request;
	}

	private enum State {

		/** What is written goes to the client. */
		PASSING,

		/** What is written is held. */
		CAPTURING,

		/** The response is complete and held; what is written or set now is lost. */
		CLOSED,

		/** The container is to write an error page. */
		ERROR

	}

	/**
	 * Holds the body from now on, as far as it is not longer than the limit.
	 * @param limit the longest body to hold, or -1 to hold nothing
	 * @param beforePassing called before the first byte of a body that is not held
	 */
	void capture(long limit, Runnable beforePassing) {
		this.state = State.CAPTURING;
		this.limit = limit;
		this.beforePassing = beforePassing;
	}

	/**
	 * Holds only a response without a body from now on.
	 */
	void holdNoBody() {
		this.limit = Math.min(this.limit, 0);
	}

	boolean isCaptured() {
		return this.state == State.CAPTURING || this.state == State.CLOSED;
	}

	boolean isError() {
		return this.state == State.ERROR;
	}

	/**
	 * Returns the body that is held.
	 */
	byte[] body() {
		flushWriter();
		return this.body.toByteArray();
	}

	/**
	 * Sends what is held, and lets through what follows.
	 */
	void send() throws IOException {
		flushWriter();
		boolean wasCaptured = isCaptured();
		this.state = State.PASSING;
		if (wasCaptured) {
			sendLength((this.body.size() > 0) ? this.body.size() : declaredLength());
			writeBody();
		}
	}

	/**
	 * Drops what is held: somebody else is to write the response.
	 */
	void discard() {
		flushWriter();
		this.body.reset();
		this.state = State.PASSING;
	}

	/**
	 * Drops the whole response, so that another one can be written.
	 * @param headersBefore the headers that it begins with
	 */
	void withdraw(Map<String, List<String>> headersBefore) {
		discard();
		super.reset();
		this.encoder = null;
		headersBefore.forEach((name, values) -> values.forEach((value) -> addHeader(name, value)));
	}

	private void writeBody() throws IOException {
		if (this.body.size() > 0) {
			this.body.writeTo(super.getOutputStream());
			this.body.reset();
		}
	}

	private void flushWriter() {
		if (this.writer != null) {
			this.writer.flush();
		}
	}

	private void write(byte[] bytes, int offset, int length) throws IOException {
		if (this.state == State.CAPTURING) {
			if (length <= this.limit - this.body.size() && !isStreamed()) {
				this.body.write(bytes, offset, length);
				return;
			}
			giveUp();
		}
		if (this.state == State.PASSING) {
			super.getOutputStream().write(bytes, offset, length);
		}
	}

	/**
	 * Lets the body through instead of holding it.
	 */
	private void giveUp() throws IOException {
		this.beforePassing.run();
		this.state = State.PASSING;
		sendLength(declaredLength());
		writeBody();
	}

	private boolean isStreamed() {
		return this.limit < 0 || (this.limit != UNLIMITED && isEventStream());
	}

	private boolean isEventStream() {
		String type = (this.body.size() == 0) ? getContentType() : null;
		return type != null && (type.startsWith(MediaType.TEXT_EVENT_STREAM_VALUE)
				|| type.startsWith(MediaType.APPLICATION_NDJSON_VALUE));
	}

	@Override
	public ServletOutputStream getOutputStream() throws IOException {
		if (this.stream == null) {
			this.stream = (this.state != State.PASSING) ? new CapturingStream() : super.getOutputStream();
		}
		return this.stream;
	}

	@Override
	public PrintWriter getWriter() throws IOException {
		if (this.writer == null && this.state == State.PASSING) {
			return super.getWriter();
		}
		encoder();
		if (this.writer == null) {
			this.writer = new PrintWriter(new CapturingWriter());
		}
		return this.writer;
	}

	private Writer encoder() throws IOException {
		if (this.encoder == null) {
			String encoding = getCharacterEncoding();
			fixEncoding(encoding);
			this.encoder = new OutputStreamWriter(new CapturingStream(), encoding);
		}
		return this.encoder;
	}

	/**
	 * Makes the encoding part of the content type, as a container does for a writer
	 * (Servlet 6.1, section 5.6). Jetty assumes that JSON is UTF-8 and does not say so.
	 */
	private void fixEncoding(String encoding) {
		String type = getContentType();
		boolean assumed = type != null && type.contains("json") && encoding.equalsIgnoreCase("UTF-8");
		if (!assumed && (type == null || !type.contains("charset="))) {
			super.setCharacterEncoding(encoding);
		}
	}

	@Override
	public void setContentType(@Nullable String type) {
		String encoding = getCharacterEncoding();
		super.setContentType(type);
		if (this.encoder != null) {
			super.setCharacterEncoding(encoding);
		}
	}

	@Override
	public void setCharacterEncoding(@Nullable String encoding) {
		if (this.encoder == null) {
			super.setCharacterEncoding(encoding);
		}
	}

	@Override
	public void setCharacterEncoding(@Nullable Charset encoding) {
		if (this.encoder == null) {
			super.setCharacterEncoding(encoding);
		}
	}

	@Override
	boolean holdsLength() {
		return this.state == State.CAPTURING;
	}

	@Override
	boolean isComplete() {
		return this.state == State.CLOSED;
	}

	@Override
	public void sendError(int status) throws IOException {
		dropForError();
		super.sendError(status);
	}

	@Override
	public void sendError(int status, @Nullable String message) throws IOException {
		dropForError();
		super.sendError(status, message);
	}

	private void dropForError() {
		if (isCaptured()) {
			requireOpen();
			resetBuffer();
			this.state = State.ERROR;
		}
	}

	@Override
	public void sendRedirect(String location) throws IOException {
		sendRedirect(location, SC_FOUND, true);
	}

	@Override
	public void sendRedirect(String location, int status) throws IOException {
		sendRedirect(location, status, true);
	}

	@Override
	public void sendRedirect(String location, boolean clearBuffer) throws IOException {
		sendRedirect(location, SC_FOUND, clearBuffer);
	}

	/**
	 * Redirects without the container, which would commit the response. The location is
	 * made absolute, as the Servlet specification has it.
	 */
	@Override
	public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
		if (!isCaptured()) {
			super.sendRedirect(location, status, clearBuffer);
			return;
		}
		requireOpen();
		if (clearBuffer) {
			resetBuffer();
		}
		setStatus(status);
		setHeader(HttpHeaders.LOCATION, absolute(location));
		flushWriter();
		this.state = State.CLOSED;
	}

	private String absolute(String location) {
		try {
			return URI.create(this.request.getRequestURL().toString()).resolve(location).toString();
		}
		catch (IllegalArgumentException ex) {
			return location;
		}
	}

	private void requireOpen() {
		if (this.state == State.CLOSED) {
			throw new IllegalStateException("The response is complete already");
		}
	}

	@Override
	public void flushBuffer() throws IOException {
		flushWriter();
		if (this.state == State.CAPTURING && isStreamed()) {
			giveUp();
		}
		if (this.state == State.PASSING) {
			super.flushBuffer();
		}
	}

	@Override
	public boolean isCommitted() {
		return this.state == State.CLOSED || super.isCommitted();
	}

	@Override
	public void resetBuffer() {
		if (isCaptured()) {
			requireOpen();
			flushWriter();
			this.body.reset();
		}
		super.resetBuffer();
	}

	@Override
	public void reset() {
		if (isCaptured()) {
			requireOpen();
			flushWriter();
			this.body.reset();
			this.encoder = null;
		}
		super.reset();
	}

	/**
	 * What the writer of handlers and views writes to. The writer outlives a reset, as a
	 * container's does, after which there may be another encoding.
	 */
	private final class CapturingWriter extends Writer {

		@Override
		public void write(char[] chars, int offset, int length) throws IOException {
			encoder().write(chars, offset, length);
		}

		@Override
		public void flush() throws IOException {
			if (CapturingResponse.this.encoder != null) {
				CapturingResponse.this.encoder.flush();
			}
		}

		@Override
		public void close() throws IOException {
			flush();
			new CapturingStream().close();
		}

	}

	/**
	 * The stream that handlers and views write to.
	 */
	private final class CapturingStream extends ServletOutputStream {

		@Override
		public void write(int value) throws IOException {
			CapturingResponse.this.write(new byte[] { (byte) value }, 0, 1);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			CapturingResponse.this.write(bytes, offset, length);
		}

		@Override
		public void flush() throws IOException {
			if (CapturingResponse.this.state == State.PASSING) {
				CapturingResponse.super.getOutputStream().flush();
			}
		}

		@Override
		public void close() throws IOException {
			if (CapturingResponse.this.state == State.CAPTURING) {
				CapturingResponse.this.state = State.CLOSED;
			}
			else if (CapturingResponse.this.state == State.PASSING) {
				CapturingResponse.super.getOutputStream().close();
			}
		}

		@Override
		public boolean isReady() {
			return container().isReady();
		}

		/**
		 * A handler that writes without blocking streams its response.
		 */
		@Override
		public void setWriteListener(WriteListener listener) {
			try {
				if (isCaptured()) {
					giveUp();
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			container().setWriteListener(listener);
		}

		private ServletOutputStream container() {
			try {
				return CapturingResponse.super.getOutputStream();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
