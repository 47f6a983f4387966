package io.idempotency.web;

import io.idempotency.policy.PropertyRules;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the idempotency of the application's endpoints.
 *
 * @param mode which handlers are protected, and whether they need a key
 * @param methods HTTP methods whose handlers are protected without an annotation
 * @param keyHeader request header that carries the idempotency key
 * @param keyParameter query or form parameter that may carry the key instead, and wins
 * over the header; by default none
 * @param keySyntax whether the key may come as it is, or only as a quoted
 * structured-field String
 * @param enforceUuid whether every key must be a UUID of version 4
 * @param replayHeader response header that marks a replay
 * @param replayStatus status of every replay; by default that of the first response
 * @param storeOnStatuses statuses whose responses are stored, such as 2xx, 201 or
 * 400-499; after any other status the key is free again
 * @param storeOnException whether the error page of a handler that throws is stored,
 * where its status is; otherwise the key is free again
 * @param responseContentTypes media types whose responses are stored; by default all
 * @param maxResponseSize longest response body that is stored
 * @param maxTransactionalResponseSize longest response body of a handler whose work is
 * committed together with it, which is held in memory until then; a longer one is an
 * error, and the work is rolled back
 * @param excludedHeaders response headers that are not stored, besides Set-Cookie, Date
 * and hop-by-hop headers
 * @param scope what makes two equal keys the same operation
 * @param scopeHeaders request headers that belong to the scope too
 * @param fingerprint what must be the same when a key comes again
 * @param fingerprintJson whether JSON bodies are compared by content, whatever the order
 * of their members and their white space
 * @param fingerprintIgnore JSON Pointers to what is left out of the comparison of JSON
 * bodies
 * @param maxFingerprintSize how much of a request body is held in memory to be compared
 * @param retryAfter what refused clients are told to wait
 * @param missingKeyStatus status of a request without the key that it needs
 * @param invalidKeyStatus status of a request whose key is malformed
 * @param mismatchStatus status of a request whose key was used for something else
 * @param conflictStatus status of a request while the first one with its key still runs
 * @param waitTimeout how long a request waits while the first one with its key still
 * runs, instead of being refused at once
 * @param waitTimeoutStatus status of a request that has waited in vain
 * @param problemBaseUri where the problem types are documented; what their URIs begin
 * with
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
	 * Which handlers are protected, and whether they need a key.
	 */
	public enum Mode {

		/**
		 * Handlers of the configured methods are protected when a request has a key.
		 */
		OPTIONAL,

		/**
		 * Handlers of the configured methods are protected, and refuse a request without
		 * a key.
		 */
		REQUIRED,

		/**
		 * Only handlers with {@code @Idempotent} are protected.
		 */
		ANNOTATED

	}

	/**
	 * How a key may be written.
	 */
	public enum KeySyntax {

		/**
		 * As it is, or as a quoted structured-field String.
		 */
		LENIENT,

		/**
		 * Only as a quoted structured-field String.
		 */
		STRICT

	}

	/**
	 * What makes two equal keys the same operation.
	 */
	public enum ScopePart {

		/**
		 * The authenticated principal: its name, and where it comes from.
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
		 * The path that the client sent, and what tells handlers that share it apart.
		 */
		PATH,

		/**
		 * The query string.
		 */
		QUERY,

		/**
		 * The body: a changed body is a new operation.
		 */
		BODY,

		/**
		 * The host and port that the request was sent to.
		 */
		HOST,

		/**
		 * The session, for logins that are kept in it.
		 */
		SESSION

	}

	/**
	 * What must be the same when a key comes again.
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
