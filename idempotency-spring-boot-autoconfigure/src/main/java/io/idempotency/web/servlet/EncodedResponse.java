package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A response whose stream and writer both write to {@link #write}, no matter when they
 * were obtained.
 */
abstract class EncodedResponse extends HeldHeadersResponse {

	private static final Log logger = LogFactory.getLog(EncodedResponse.class);

	private @Nullable ServletOutputStream stream;

	private @Nullable PrintWriter writer;

	private @Nullable ServletOutputStream writerBacked;

	private boolean streamTaken;

	private boolean writerTaken;

	/**
	 * Encodes what the writer writes; {@code null} until the encoding is fixed.
	 */
	private @Nullable Writer encoder;

	EncodedResponse(HttpServletResponse response) {
		super(response);
	}

	/**
	 * Writes bytes of the body.
	 */
	abstract void write(byte[] bytes, int offset, int length) throws IOException;

	/**
	 * Flushes what was let through. What is held stays held.
	 */
	abstract void flushBody() throws IOException;

	/**
	 * Closes the body. Nothing can be written to it after that.
	 */
	abstract void closeBody() throws IOException;

	/**
	 * Lets the body through instead of holding it.
	 */
	abstract void letThrough() throws IOException;

	/**
	 * Returns the stream of the wrapped response. If its writer was obtained before, the
	 * stream writes to that writer.
	 */
	ServletOutputStream container() throws IOException {
		if (this.writerBacked != null) {
			return this.writerBacked;
		}
		try {
			return super.getOutputStream();
		}
		catch (IllegalStateException ex) {
			this.writerBacked = new WriterBackedStream(super.getWriter(), Charset.forName(getCharacterEncoding()));
			return this.writerBacked;
		}
	}

	/**
	 * Encodes all characters that were written so far. A failure is only logged: a writer
	 * does not report failures (Servlet 6.1, section 5.6), and the next write fails
	 * again.
	 */
	void flushWriter() {
		try {
			flushEncoder();
		}
		catch (IOException ex) {
			logger.debug("The client closed the connection before it received the response", ex);
		}
	}

	@Override
	public ServletOutputStream getOutputStream() throws IOException {
		if (this.writerTaken) {
			throw new IllegalStateException("getWriter() was called for this response");
		}
		if (!this.streamTaken) {
			// Fails if an outer filter has obtained the writer.
			super.getOutputStream();
			this.streamTaken = true;
		}
		if (this.stream == null) {
			this.stream = new BodyStream(this);
		}
		return this.stream;
	}

	@Override
	public PrintWriter getWriter() throws IOException {
		if (this.streamTaken) {
			throw new IllegalStateException("getOutputStream() was called for this response");
		}
		this.writerTaken = true;
		encoder();
		if (this.writer == null) {
			this.writer = new PrintWriter(new BodyWriter(this));
		}
		return this.writer;
	}

	/**
	 * Returns the encoder of the writer, which is created if there is none. After a
	 * reset, the same writer gets a new encoder, because the encoding may have changed.
	 */
	Writer encoder() throws IOException {
		if (this.encoder == null) {
			String encoding = getCharacterEncoding();
			fixEncoding(encoding);
			this.encoder = new OutputStreamWriter(new EncodedBytes(), encoding);
		}
		return this.encoder;
	}

	/**
	 * Allows the stream or the writer to be obtained again, no matter which one was
	 * obtained before.
	 */
	void leaveToOthers() {
		this.streamTaken = false;
		this.writerTaken = false;
	}

	void flushEncoder() throws IOException {
		if (this.encoder != null) {
			this.encoder.flush();
		}
	}

	/**
	 * Adds the encoding to the content type, as a container does for a writer (Servlet
	 * 6.1, section 5.6). UTF-8 is not added to JSON, because Jetty assumes it there and
	 * does not add it.
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
	public void reset() {
		super.reset();
		this.encoder = null;
		this.writerBacked = null;
		leaveToOthers();
	}

	/**
	 * Receives the encoded bytes. Flushing the encoder does not flush the response.
	 */
	private final class EncodedBytes extends OutputStream {

		@Override
		public void write(int value) throws IOException {
			write(new byte[] { (byte) value }, 0, 1);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			EncodedResponse.this.write(bytes, offset, length);
		}

	}

}
