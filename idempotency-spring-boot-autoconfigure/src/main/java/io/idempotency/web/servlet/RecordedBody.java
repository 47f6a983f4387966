package io.idempotency.web.servlet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Records what is read of a body, so that the body can be read again from its beginning.
 */
final class RecordedBody {

	private final HeldBody.Source source;

	private final int most;

	private final byte[] recorded;

	private @Nullable ByteArrayOutputStream recording;

	private int position;

	RecordedBody(HeldBody.Source source, int most) {
		this(source, most, new byte[0]);
	}

	private RecordedBody(HeldBody.Source source, int most, byte[] recorded) {
		this.source = source;
		this.most = most;
		this.recorded = recorded;
		this.recording = new ByteArrayOutputStream(0);
	}

	/**
	 * Returns whether everything that was read is recorded.
	 */
	boolean isComplete() {
		return this.recording != null;
	}

	/**
	 * Returns how many bytes are held.
	 */
	int size() {
		return this.recorded.length + ((this.recording != null) ? this.recording.size() : 0);
	}

	/**
	 * Returns the body from its beginning.
	 */
	RecordedBody again() {
		if (this.recording == null) {
			throw new IllegalStateException("The body cannot be read again, because too much of it was read");
		}
		byte[] further = this.recording.toByteArray();
		byte[] all = Arrays.copyOf(this.recorded, this.recorded.length + further.length);
		System.arraycopy(further, 0, all, this.recorded.length, further.length);
		return new RecordedBody(this.source, this.most, all);
	}

	ServletInputStream open() {
		return new Stream();
	}

	private int read(byte[] bytes, int offset, int length) throws IOException {
		int left = this.recorded.length - this.position;
		if (left > 0) {
			int count = Math.min(left, length);
			System.arraycopy(this.recorded, this.position, bytes, offset, count);
			this.position += count;
			return count;
		}
		int count = this.source.stream().read(bytes, offset, length);
		if (count > 0) {
			record(bytes, offset, count);
		}
		return count;
	}

	private void record(byte[] bytes, int offset, int count) {
		if (this.recording != null && this.recorded.length + this.recording.size() + count <= this.most) {
			this.recording.write(bytes, offset, count);
		}
		else {
			this.recording = null;
		}
	}

	private final class Stream extends OwnBodyStream {

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			return RecordedBody.this.read(bytes, offset, length);
		}

		private boolean hasRecorded() {
			return RecordedBody.this.position < RecordedBody.this.recorded.length;
		}

		@Override
		public int available() throws IOException {
			return hasRecorded() ? RecordedBody.this.recorded.length - RecordedBody.this.position
					: RecordedBody.this.source.stream().available();
		}

		@Override
		public boolean isFinished() {
			return !hasRecorded() && container().isFinished();
		}

		@Override
		public boolean isReady() {
			return hasRecorded() || container().isReady();
		}

		/**
		 * Stops recording: bytes that are read with non-blocking I/O are not recorded.
		 */
		@Override
		public void setReadListener(ReadListener listener) {
			RecordedBody.this.recording = null;
			container().setReadListener(listener);
		}

		private ServletInputStream container() {
			try {
				return RecordedBody.this.source.stream();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
