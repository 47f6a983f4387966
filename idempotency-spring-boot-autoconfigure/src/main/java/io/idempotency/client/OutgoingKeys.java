package io.idempotency.client;

import java.net.URI;
import java.util.Locale;

import io.idempotency.client.IdempotencyClientProperties.Derive;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/**
 * Decides which outgoing requests get a key, and which key they get.
 */
final class OutgoingKeys {

	private final IdempotencyClientProperties properties;

	private final IdempotencyKeySource source;

	OutgoingKeys(IdempotencyClientProperties properties, IdempotencyKeySource source) {
		this.properties = properties;
		this.source = source;
	}

	/**
	 * Returns the name of the header that carries the key.
	 */
	String header() {
		return this.properties.keyHeader();
	}

	/**
	 * Returns whether the caller has set the header. An empty value means that the
	 * request must not get a key.
	 */
	boolean isGiven(HttpHeaders headers) {
		return headers.containsHeader(this.properties.keyHeader());
	}

	/**
	 * Returns the key for a request, or {@code null} if the request does not get one.
	 * @param step the name of the call, if it has one
	 * @param run the handler run that makes the call, if there is one
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
