package io.idempotency.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.SequenceInputStream;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriUtils;

/**
 * A request whose body can be looked at before the handler reads it.
 */
final class RepeatableRequest extends HttpServletRequestWrapper {

	private final IdempotencyExchange exchange;

	/**
	 * What the handler reads before the rest of the container's stream.
	 */
	private byte @Nullable [] start;

	/**
	 * What the container has parsed from the body.
	 */
	private @Nullable Map<String, List<String>> form;

	private @Nullable ServletInputStream stream;

	private @Nullable BufferedReader reader;

	RepeatableRequest(HttpServletRequest request, IdempotencyExchange exchange) {
		super(request);
		this.exchange = exchange;
	}

	/**
	 * Reads the first bytes of the body, for the handler to read again.
	 */
	byte[] readAhead(int length) throws IOException {
		if (isForm()) {
			formParameters();
		}
		if (this.start == null) {
			if (this.stream != null || this.reader != null) {
				throw new IllegalStateException("The body of the request was read before its idempotency key was looked"
						+ " at: a filter that reads it must come before the idempotency filter, so be ordered");
			}
			this.start = super.getInputStream().readNBytes(length);
		}
		return this.start;
	}

	/**
	 * Reads the rest of the body, which no handler is to read: a container that finds too
	 * much of it unread closes the connection, and the client may miss the response.
	 */
	void skipRest() throws IOException {
		if (this.reader == null) {
			super.getInputStream().transferTo(OutputStream.nullOutputStream());
		}
	}

	boolean isForm() {
		return StringUtils.startsWithIgnoreCase(getContentType(), MediaType.APPLICATION_FORM_URLENCODED_VALUE);
	}

	/**
	 * Lets the container parse a form, and returns the parameters that came in the body.
	 * A handler that reads the body all the same gets them encoded again.
	 */
	Map<String, List<String>> formParameters() {
		if (this.form == null) {
			this.form = parseForm();
			if (!this.form.isEmpty() && this.start == null) {
				this.start = encode(this.form);
			}
		}
		return this.form;
	}

	private Map<String, List<String>> parseForm() {
		MultiValueMap<String, String> query = UriComponentsBuilder.newInstance()
			.query(getQueryString())
			.build()
			.getQueryParams();
		Map<String, List<String>> form = new LinkedHashMap<>();
		getParameterMap().forEach((name, values) -> form.put(name, new ArrayList<>(Arrays.asList(values))));
		query.forEach((name, values) -> {
			List<String> formValues = form.get(decode(name));
			if (formValues != null) {
				formValues.subList(0, Math.min(values.size(), formValues.size())).clear();
			}
		});
		form.values().removeIf(List::isEmpty);
		return form;
	}

	private static String decode(String queryName) {
		return UriUtils.decode(queryName.replace('+', ' '), StandardCharsets.UTF_8);
	}

	private byte[] encode(Map<String, List<String>> form) {
		Charset charset = charset(StandardCharsets.UTF_8);
		StringJoiner body = new StringJoiner("&");
		form.forEach((name, values) -> values.forEach((value) -> body
			.add(URLEncoder.encode(name, charset) + ((value != null) ? "=" + URLEncoder.encode(value, charset) : ""))));
		return body.toString().getBytes(charset);
	}

	private Charset charset(Charset fallback) {
		String encoding = getCharacterEncoding();
		return (encoding != null) ? Charset.forName(encoding) : fallback;
	}

	@Override
	public ServletInputStream getInputStream() throws IOException {
		if (this.stream == null) {
			ServletInputStream rest = super.getInputStream();
			this.stream = (this.start != null) ? new StartedStream(this.start, rest) : rest;
		}
		return this.stream;
	}

	@Override
	public BufferedReader getReader() throws IOException {
		if (this.reader == null) {
			this.reader = (this.start != null)
					? new BufferedReader(new InputStreamReader(getInputStream(), charset(StandardCharsets.ISO_8859_1)))
					: super.getReader();
		}
		return this.reader;
	}

	@Override
	public AsyncContext startAsync() {
		return startAsync(this, this.exchange.response());
	}

	@Override
	public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
		this.exchange.requireSynchronous();
		return this.exchange.asyncStarted(super.startAsync(request, response));
	}

	/**
	 * Where a container throws, since the request is not asynchronous, MockMvc answers
	 * {@code null}.
	 */
	@Override
	public @Nullable AsyncContext getAsyncContext() {
		AsyncContext context = super.getAsyncContext();
		return (context != null) ? this.exchange.asyncContext(context) : null;
	}

	/**
	 * The bytes that were read ahead, then the container's stream.
	 */
	private static final class StartedStream extends ServletInputStream {

		private final InputStream start;

		private final ServletInputStream rest;

		private final InputStream whole;

		StartedStream(byte[] start, ServletInputStream rest) {
			this.start = new ByteArrayInputStream(start);
			this.rest = rest;
			this.whole = new SequenceInputStream(this.start, rest);
		}

		@Override
		public int read() throws IOException {
			return this.whole.read();
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			return this.whole.read(bytes, offset, length);
		}

		@Override
		public int available() throws IOException {
			return this.start.available() + this.rest.available();
		}

		@Override
		public void close() throws IOException {
			this.whole.close();
		}

		@Override
		public boolean isFinished() {
			try {
				return this.start.available() == 0 && this.rest.isFinished();
			}
			catch (IOException ex) {
				throw new IllegalStateException("A byte array does not fail", ex);
			}
		}

		@Override
		public boolean isReady() {
			return true;
		}

		@Override
		public void setReadListener(ReadListener listener) {
			throw new IllegalStateException("The body of a request with an idempotency key is read blocking");
		}

	}

}
