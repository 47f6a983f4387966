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
 * A response whose stream and writer end in one place, whoever takes them and when.
 */
abstract class EncodedResponse extends HeldHeadersResponse {

	private static final Log logger = LogFactory.getLog(EncodedResponse.class);

	private @Nullable ServletOutputStream stream;

	private @Nullable PrintWriter writer;

	private @Nullable ServletOutputStream writerBacked;

	private boolean streamTaken;

	private boolean writerTaken;

	/**
	 * What the writer writes to: there is one once the encoding is fixed.
	 */
	private @Nullable Writer encoder;

	EncodedResponse(HttpServletResponse response) {
		super(response);
	}

	/**
	 * Takes bytes of the body.
	 */
	abstract void write(byte[] bytes, int offset, int length) throws IOException;

	/**
	 * Sends on what was let through. What is held stays.
	 */
	abstract void flushBody() throws IOException;

	/**
	 * Ends the body, after which no more comes.
	 */
	abstract void closeBody() throws IOException;

	/**
	 * Lets the body through instead of holding it.
	 */
	abstract void letThrough() throws IOException;

	/**
	 * Returns the stream that the container or an outer filter has. One that has taken
	 * the writer gets the bytes by that.
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
	 * Takes the bytes of all characters that were written. What fails then fails again
	 * for who writes next; a writer does not say so (Servlet 6.1, section 5.6).
	 */
	void flushWriter() {
		try {
			flushEncoder();
		}
		catch (IOException ex) {
			logger.debug("The client has left before it got the response", ex);
		}
	}

	@Override
	public ServletOutputStream getOutputStream() throws IOException {
		if (this.writerTaken) {
			throw new IllegalStateException("getWriter() was called for this response");
		}
		if (!this.streamTaken) {
			// Fails if something outside has taken the writer.
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
	 * Returns what turns characters into bytes. The writer outlives a reset, as a
	 * container's does, after which there may be another encoding.
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
	 * Lets others take stream or writer, whichever of them was taken before.
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
	public void reset() {
		super.reset();
		this.encoder = null;
		this.writerBacked = null;
		leaveToOthers();
	}

	/**
	 * What characters become. To flush the encoder does not mean to flush the response.
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
