package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

/**
 * A stream that writes to the writer of a response. It is used if the writer was obtained
 * before, because the response does not return its stream after that.
 */
final class WriterBackedStream extends ServletOutputStream {

	private final PrintWriter writer;

	private final CharsetDecoder decoder;

	/**
	 * The first bytes of a character that is not complete.
	 */
	private byte[] pending = {};

	WriterBackedStream(PrintWriter writer, Charset charset) {
		this.writer = writer;
		this.decoder = charset.newDecoder()
			.onMalformedInput(CodingErrorAction.REPLACE)
			.onUnmappableCharacter(CodingErrorAction.REPLACE);
	}

	@Override
	public void write(int value) throws IOException {
		write(new byte[] { (byte) value }, 0, 1);
	}

	@Override
	public void write(byte[] source, int offset, int length) throws IOException {
		ByteBuffer bytes = ByteBuffer.allocate(this.pending.length + length);
		bytes.put(this.pending).put(source, offset, length).flip();
		CharBuffer characters = CharBuffer.allocate((int) (bytes.remaining() * this.decoder.maxCharsPerByte()) + 1);
		this.decoder.decode(bytes, characters, false);
		this.pending = new byte[bytes.remaining()];
		bytes.get(this.pending);
		this.writer.append(characters.flip());
	}

	@Override
	public void flush() {
		this.writer.flush();
	}

	@Override
	public void close() {
		this.writer.close();
	}

	@Override
	public boolean isReady() {
		return true;
	}

	@Override
	public void setWriteListener(WriteListener listener) {
		throw new IllegalStateException("getWriter() was called for this response");
	}

}
