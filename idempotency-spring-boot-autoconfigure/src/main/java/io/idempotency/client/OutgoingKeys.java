package io.idempotency.client;

import java.net.URI;
import java.util.Locale;

import io.idempotency.client.IdempotencyClientProperties.Derive;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/**
 * Decides which requests get a key, and which.
 */
final class OutgoingKeys {

	private final IdempotencyClientProperties properties;

	private final IdempotencyKeySource source;

	OutgoingKeys(IdempotencyClientProperties properties, IdempotencyKeySource source) {
		this.properties = properties;
		this.source = source;
	}

	/**
	 * Returns the header that a request is to be given.
	 */
	String header() {
		return this.properties.keyHeader();
	}

	/**
	 * Returns whether the caller has decided on a key. An empty one means none.
	 */
	boolean isGiven(HttpHeaders headers) {
		return headers.containsHeader(this.properties.keyHeader());
	}

	/**
	 * Returns the key of a request without one, or {@code null} if it needs none.
	 * @param step the name of the call, if it has one
	 * @param run the handler that makes the call, if there is one
	 */
	@Nullable String keyOf(HttpMethod method, URI uri, @Nullable Object step, @Nullable HandlerRun run) {
		if (step != null) {
			return (run != null) ? run.keyOfStep(step.toString()) : this.source.newKey(method, uri);
		}
		if (!this.properties.methods().contains(method) || !isKnown(uri.getHost())) {
			return null;
		}
		if (run != null && this.properties.derive() == Derive.AUTOMATIC) {
			return run.keyOfNextCall(method + " " + uri);
		}
		return this.source.newKey(method, uri);
	}

	private boolean isKnown(@Nullable String host) {
		return this.properties.hosts().isEmpty()
				|| (host != null && this.properties.hosts().contains(host.toLowerCase(Locale.ROOT)));
	}

}
