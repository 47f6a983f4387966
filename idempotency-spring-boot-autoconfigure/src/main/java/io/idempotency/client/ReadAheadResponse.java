package io.idempotency.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;

/**
 * A response whose body was already read up to a limit. Most bodies are shorter than the
 * limit.
 */
final class ReadAheadResponse implements ClientHttpResponse {

	private static final int MOST = 1024 * 1024;

	private final ClientHttpResponse response;

	private final byte[] start;

	private final InputStream body;

	private ReadAheadResponse(ClientHttpResponse response) throws IOException {
		this.response = response;
		InputStream rest = response.getBody();
		this.start = isEvents(contentType()) ? new byte[0] : rest.readNBytes(MOST);
		this.body = new SequenceInputStream(new ByteArrayInputStream(this.start), rest);
	}

	/**
	 * Reads the start of the body.
	 * @throws IOException if the body breaks off; the response is closed in this case
	 */
	static ReadAheadResponse of(ClientHttpResponse response) throws IOException {
		try {
			return new ReadAheadResponse(response);
		}
		catch (IOException | RuntimeException ex) {
			response.close();
			throw ex;
		}
	}

	private static boolean isEvents(@Nullable MediaType contentType) {
		return MediaType.TEXT_EVENT_STREAM.equalsTypeAndSubtype(contentType)
				|| MediaType.APPLICATION_NDJSON.equalsTypeAndSubtype(contentType);
	}

	@Nullable MediaType contentType() {
		try {
			return this.response.getHeaders().getContentType();
		}
		catch (InvalidMediaTypeException ex) {
			return null;
		}
	}

	byte[] start() {
		return this.start;
	}

	@Override
	public InputStream getBody() {
		return this.body;
	}

	@Override
	public HttpStatusCode getStatusCode() throws IOException {
		return this.response.getStatusCode();
	}

	@Override
	public String getStatusText() throws IOException {
		return this.response.getStatusText();
	}

	@Override
	public HttpHeaders getHeaders() {
		return this.response.getHeaders();
	}

	@Override
	public void close() {
		this.response.close();
	}

}
