package io.idempotency.web;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.idempotency.policy.PropertyRules;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties for the idempotency of HTTP endpoints.
 *
 * @param mode Which handlers are protected, and whether they require a key.
 * @param methods HTTP methods whose handlers are protected without an annotation.
 * @param keyHeader Name of the request header that contains the idempotency key.
 * @param keyParameter Name of a query or form parameter that may contain the key instead.
 * It takes precedence over the header. By default, no parameter is read.
 * @param keySyntax How the key may be written in the header.
 * @param enforceUuid Whether to accept only keys that are UUIDs of version 4.
 * @param replayHeader Name of the response header that marks a replay.
 * @param replayStatus HTTP status of every replay. By default, the status of the first
 * response.
 * @param storeOnStatuses HTTP statuses whose responses are stored, such as 2xx, 201 or
 * 400-499. After any other status, the next request with the key runs the handler again.
 * @param storeOnException Whether to store the error page of a handler that throws an
 * exception, if its status is one of the stored statuses. Otherwise, the next request
 * with the key runs the handler again.
 * @param responseContentTypes Media types whose responses are stored. By default, all.
 * @param maxResponseSize Maximum size of a response body that is stored. A longer
 * response is sent, but retries of its request are refused.
 * @param maxTransactionalResponseSize Maximum size of the response body of a handler
 * whose work is committed together with the response. The body is held in memory until
 * the commit. If it is longer, the request fails and the work is rolled back.
 * @param excludedHeaders Response headers that are not stored, in addition to Set-Cookie,
 * Date, CORS headers and hop-by-hop headers.
 * @param scope Parts of a request that belong to the scope of its key. Equal keys in
 * different scopes are different operations. If empty, all keys share one scope.
 * @param scopeHeaders Request headers that belong to the scope of a key as well.
 * @param fingerprint Parts of a request that must be the same when a key is used again.
 * If empty, requests are not compared.
 * @param fingerprintJson Whether to compare JSON bodies by content, ignoring the order of
 * their members and white space.
 * @param fingerprintIgnore JSON Pointers to values that are ignored when JSON bodies are
 * compared.
 * @param maxFingerprintSize How much of a request body is held in memory to be compared.
 * Of a longer body, only the beginning and the declared length are compared.
 * @param retryAfter Value of the Retry-After header of refused requests that may be
 * repeated later, rounded up to seconds.
 * @param missingKeyStatus HTTP status of a request without a required key.
 * @param invalidKeyStatus HTTP status of a request with a malformed key.
 * @param mismatchStatus HTTP status of a request whose key was used for another request.
 * @param conflictStatus HTTP status of a request while the first request with its key is
 * still running, or if the outcome of the first request is unknown.
 * @param waitTimeout How long a request waits for the first request with its key before
 * it is refused. If 0, it is refused at once.
 * @param waitTimeoutStatus HTTP status of a request that timed out while waiting for the
 * first request with its key.
 * @param problemBaseUri Base URI of the problem types. If it is an HTTP URL, each refusal
 * links to the documentation of its problem type.
 */
@ConfigurationProperties("idempotency")
public record IdempotencyProperties(@DefaultValue("optional") Mode mode, @DefaultValue( {
		"POST", "PATCH" }) Set<HttpMethod> methods, @DefaultValue("Idempotency-Key") String keyHeader,
		@Nullable String keyParameter, @DefaultValue("lenient") KeySyntax keySyntax,
		@DefaultValue("false") boolean enforceUuid, @DefaultValue("Idempotent-Replayed") String replayHeader,
		@Nullable Integer replayStatus, @DefaultValue({ "2xx", "3xx" }) List<StatusRange> storeOnStatuses,
		@DefaultValue("true") boolean storeOnException, @DefaultValue List<MediaType> responseContentTypes,
		@DefaultValue("1MB") DataSize maxResponseSize, @DefaultValue("10MB") DataSize maxTransactionalResponseSize,
		@DefaultValue Set<String> excludedHeaders,
		@DefaultValue({ "principal", "method", "path" }) Set<ScopePart> scope, @DefaultValue Set<String> scopeHeaders,
		@DefaultValue({ "query", "body" }) Set<FingerprintPart> fingerprint,
		@DefaultValue("false") boolean fingerprintJson, @DefaultValue List<String> fingerprintIgnore,
		@DefaultValue("1MB") DataSize maxFingerprintSize, @DefaultValue("1s") Duration retryAfter,
		@DefaultValue("400") int missingKeyStatus, @DefaultValue("422") int invalidKeyStatus,
		@DefaultValue("422") int mismatchStatus, @DefaultValue("409") int conflictStatus,
		@DefaultValue("0") Duration waitTimeout, @DefaultValue("409") int waitTimeoutStatus,
		@DefaultValue("urn:idempotency:problem:") URI problemBaseUri){

	private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

	public IdempotencyProperties {
		methods = methods.stream()
			.map((method) -> HttpMethod.valueOf(method.name().toUpperCase(Locale.ROOT)))
			.collect(Collectors.toUnmodifiableSet());
		methods.forEach((method) -> PropertyRules.require(List.of(HttpMethod.values()).contains(method), "methods",
				"must name HTTP methods, such as POST", method));
		requireHeaderName(keyHeader, "key-header");
		requireHeaderName(replayHeader, "replay-header");
		excludedHeaders.forEach((name) -> requireHeaderName(name, "excluded-headers"));
		scopeHeaders.forEach((name) -> requireHeaderName(name, "scope-headers"));
		PropertyRules.require(replayStatus == null || isBetween(replayStatus, 200, 599), "replay-status",
				"must be a status between 200 and 599", replayStatus);
		PropertyRules.require(isBetween(maxResponseSize.toBytes(), 0, Integer.MAX_VALUE / 2), "max-response-size",
				"must be between 0 and 1 GB", maxResponseSize);
		PropertyRules.require(isBetween(maxTransactionalResponseSize.toBytes(), 0, Integer.MAX_VALUE / 2),
				"max-transactional-response-size", "must be between 0 and 1 GB", maxTransactionalResponseSize);
		PropertyRules.require(isBetween(maxFingerprintSize.toBytes(), 0, Integer.MAX_VALUE / 2), "max-fingerprint-size",
				"must be between 0 and 1 GB", maxFingerprintSize);
		PropertyRules.require(PropertyRules.isBetween(retryAfter, Duration.ZERO, Duration.ofDays(365)), "retry-after",
				"must be between 0 and 365 days", retryAfter);
		requireErrorStatus(missingKeyStatus, "missing-key-status");
		requireErrorStatus(invalidKeyStatus, "invalid-key-status");
		requireErrorStatus(mismatchStatus, "mismatch-status");
		requireErrorStatus(conflictStatus, "conflict-status");
		String fragment = problemBaseUri.getRawFragment();
		PropertyRules.require(fragment == null || fragment.isEmpty(), "problem-base-uri",
				"must not have anything behind a #", problemBaseUri);
		requireErrorStatus(waitTimeoutStatus, "wait-timeout-status");
		PropertyRules.require(!waitTimeout.isNegative() && waitTimeout.compareTo(Duration.ofDays(1)) <= 0,
				"wait-timeout", "must be between 0 and 1 day", waitTimeout);
		PropertyRules.require(keyParameter == null || !keyParameter.isBlank(), "key-parameter", "must not be blank",
				keyParameter);
		fingerprintIgnore.forEach(IdempotencyProperties::requirePointer);
		PropertyRules.require(fingerprintJson || fingerprintIgnore.isEmpty(), "fingerprint-json",
				"must be true where idempotency.fingerprint-ignore is set, which leaves out parts of JSON content",
				fingerprintJson);
	}

	private static void requireHeaderName(String name, String property) {
		PropertyRules.require(HEADER_NAME.matcher(name).matches(), property, "must be a valid header name", name);
	}

	private static void requireErrorStatus(int status, String property) {
		PropertyRules.require(isBetween(status, 400, 599), property, "must be a status between 400 and 599", status);
	}

	private static void requirePointer(String pointer) {
		boolean valid;
		try {
			valid = !JsonPointer.compile(pointer).matches();
		}
		catch (IllegalArgumentException ex) {
			valid = false;
		}
		PropertyRules.require(valid, "fingerprint-ignore", "must be JSON Pointers to members, such as /requestedAt",
				pointer);
	}

	private static boolean isBetween(long value, long least, long most) {
		return value >= least && value <= most;
	}

	/**
	 * Which handlers are protected, and whether they require a key.
	 */
	public enum Mode {

		/**
		 * Handlers of the configured HTTP methods are protected if the request has a key.
		 */
		OPTIONAL,

		/**
		 * Handlers of the configured HTTP methods are protected. A request without a key
		 * is refused, unless its method is safe, such as GET.
		 */
		REQUIRED,

		/**
		 * Only handlers that are annotated with {@code @Idempotent} are protected.
		 */
		ANNOTATED

	}

	/**
	 * How a key may be written in the header.
	 */
	public enum KeySyntax {

		/**
		 * As a bare value, or as a structured-field String in double quotes.
		 */
		LENIENT,

		/**
		 * Only as a structured-field String in double quotes.
		 */
		STRICT

	}

	/**
	 * A part of the scope of a key. Equal keys belong to the same operation only if all
	 * configured parts are equal.
	 */
	public enum ScopePart {

		/**
		 * The authenticated principal: its name, and its realm, such as the issuer of a
		 * token.
		 */
		PRINCIPAL,

		/**
		 * The value of the Authorization header.
		 */
		AUTHORIZATION,

		/**
		 * The HTTP method.
		 */
		METHOD,

		/**
		 * The path that the client sent. If several handlers share the path and method,
		 * also the conditions that distinguish them, such as the content type.
		 */
		PATH,

		/**
		 * The query string.
		 */
		QUERY,

		/**
		 * The body. A request with a changed body is a new operation.
		 */
		BODY,

		/**
		 * The host and port that the request was sent to.
		 */
		HOST,

		/**
		 * The HTTP session, for logins that are kept in the session.
		 */
		SESSION

	}

	/**
	 * A part of a request that must be the same when a key is used again.
	 */
	public enum FingerprintPart {

		/**
		 * The query string.
		 */
		QUERY,

		/**
		 * The body.
		 */
		BODY

	}

}
