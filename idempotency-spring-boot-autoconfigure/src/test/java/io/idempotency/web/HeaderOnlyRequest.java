package io.idempotency.web;

import java.security.Principal;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A request that is known by its headers alone.
 */
record HeaderOnlyRequest(String header, String... values) implements ProtectedRequest {

	@Override
	public List<String> headers(String name) {
		return name.equalsIgnoreCase(this.header) ? List.of(this.values) : List.of();
	}

	@Override
	public String method() {
		return "POST";
	}

	@Override
	public String path() {
		return "/";
	}

	@Override
	public @Nullable String variant() {
		return null;
	}

	@Override
	public @Nullable String query() {
		return null;
	}

	@Override
	public String host() {
		return "localhost:80";
	}

	@Override
	public @Nullable Principal principal() {
		return null;
	}

	@Override
	public @Nullable String sessionId() {
		return null;
	}

	@Override
	public Map<String, List<String>> form() {
		return Map.of();
	}

	@Override
	public @Nullable List<Part> parts() {
		return null;
	}

	@Override
	public byte[] bodyStart() {
		return new byte[0];
	}

	@Override
	public long contentLength() {
		return -1;
	}

	@Override
	public <T> @Nullable T unwrap(Class<T> type) {
		return null;
	}

}
