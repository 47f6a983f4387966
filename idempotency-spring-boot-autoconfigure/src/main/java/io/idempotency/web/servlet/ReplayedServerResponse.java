package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.Objects;

import io.idempotency.store.StoredResponse;
import io.idempotency.web.gate.Decision;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * A stored response for the filters of a router. Headers that they add replace those that
 * they added to the first response.
 */
final class ReplayedServerResponse implements ServerResponse {

	private final StoredResponse stored;

	private final boolean redirect;

	private final StoredResponseWriter writer;

	private final HttpHeaders headers = new HttpHeaders();

	private final MultiValueMap<String, Cookie> cookies = new LinkedMultiValueMap<>();

	ReplayedServerResponse(Decision.Replay replay, StoredResponseWriter writer) {
		this.stored = Objects.requireNonNull(replay.response());
		this.redirect = replay.redirect();
		this.writer = writer;
	}

	@Override
	public HttpStatusCode statusCode() {
		return HttpStatusCode.valueOf(this.stored.status());
	}

	@Override
	public HttpHeaders headers() {
		return this.headers;
	}

	@Override
	public MultiValueMap<String, Cookie> cookies() {
		return this.cookies;
	}

	@Override
	public @Nullable ModelAndView writeTo(HttpServletRequest request, HttpServletResponse response, Context context)
			throws IOException {
		this.cookies.values().forEach((values) -> values.forEach(response::addCookie));
		this.writer.write(this.stored, this.redirect, this.headers, response);
		return null;
	}

}
