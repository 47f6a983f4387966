package io.idempotency.web;

import java.net.URI;
import java.time.Duration;

import io.idempotency.engine.Attempt;
import io.idempotency.web.IdempotencyException.Reason;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * Makes the refusals, with the statuses and texts that the properties ask for.
 */
final class Problems {

	private static final Log logger = LogFactory.getLog(Problems.class);

	private static final int CONFLICT = HttpStatus.CONFLICT.value();

	private final IdempotencyProperties properties;

	Problems(IdempotencyProperties properties) {
		this.properties = properties;
	}

	IdempotencyException keyMissing() {
		return problem(Reason.KEY_MISSING, this.properties.missingKeyStatus(),
				"Send the header %s with a value that is new for each operation, and the same on each retry of it."
					.formatted(this.properties.keyHeader()));
	}

	IdempotencyException keyInvalid(IllegalArgumentException cause) {
		String rule = (cause.getMessage() != null) ? cause.getMessage() : "The key is malformed.";
		return problem(Reason.KEY_INVALID, this.properties.invalidKeyStatus(), rule);
	}

	private IdempotencyException keyReused(String key) {
		return problem(Reason.KEY_REUSED, this.properties.mismatchStatus(),
				"The key %s came before with another request. Send a new key for a new operation, or repeat the first request unchanged."
					.formatted(KeyReader.abbreviate(key)));
	}

	/**
	 * Returns the refusal for an attempt that ends without a response of a handler.
	 */
	IdempotencyException refusal(Attempt attempt, String key) {
		if (attempt instanceof Attempt.InProgress) {
			return this.properties.waitTimeout().isZero() ? inProgress() : waitTimeout();
		}
		if (attempt instanceof Attempt.KeyReused) {
			return keyReused(key);
		}
		if (attempt instanceof Attempt.OutcomeUnknown) {
			return outcomeUnknown();
		}
		if (attempt instanceof Attempt.ResponseNotStored) {
			return responseNotStored();
		}
		if (attempt instanceof Attempt.RecordUnreadable unreadable) {
			logger.error("A request is refused: " + unreadable.cause().getMessage());
			return recordUnreadable(unreadable.cause());
		}
		throw new IllegalStateException("Not a refusal: " + attempt);
	}

	/**
	 * Returns the refusal for a request that another one with its key has taken over.
	 */
	IdempotencyException leaseLost(RuntimeException cause) {
		return retryLater(problem(Reason.IN_PROGRESS, this.properties.conflictStatus(),
				"Another request with this key has taken over, since this one took too long. Repeat it later with the same key to get the response.",
				cause));
	}

	/**
	 * Returns the refusal for a request that may have had its effect.
	 */
	IdempotencyException commitUnknown(RuntimeException cause) {
		return retryLater(problem(Reason.STORE_UNAVAILABLE, HttpStatus.SERVICE_UNAVAILABLE.value(),
				"It is not known whether the request was carried out. Repeat it later with the same key: it is not carried out twice.",
				cause));
	}

	private IdempotencyException inProgress() {
		return retryLater(problem(Reason.IN_PROGRESS, this.properties.conflictStatus(),
				"Repeat the request later with the same key to get the response of the first one."));
	}

	private IdempotencyException waitTimeout() {
		return retryLater(problem(Reason.WAIT_TIMEOUT, this.properties.waitTimeoutStatus(),
				"The first request is not disturbed. Repeat the request later with the same key to get its response."));
	}

	private IdempotencyException outcomeUnknown() {
		return problem(Reason.OUTCOME_UNKNOWN, this.properties.conflictStatus(),
				"The first request with this key was cut off, and may or may not have had its effect. Find out before you send a new key.");
	}

	private IdempotencyException responseNotStored() {
		return problem(Reason.RESPONSE_NOT_STORED, CONFLICT,
				"The first request with this key has succeeded, but its response cannot be sent again. Do not send a new key.");
	}

	IdempotencyException storeUnavailable(RuntimeException cause) {
		return retryLater(problem(Reason.STORE_UNAVAILABLE, HttpStatus.SERVICE_UNAVAILABLE.value(),
				"The request was not carried out. Repeat it later with the same key.", cause));
	}

	private IdempotencyException recordUnreadable(RuntimeException cause) {
		return retryLater(problem(Reason.STORE_UNAVAILABLE, HttpStatus.SERVICE_UNAVAILABLE.value(),
				"The key was used before, but what is stored for it cannot be read. The request was not carried out again.",
				cause));
	}

	private IdempotencyException problem(Reason reason, int status, String detail) {
		return problem(reason, status, detail, null);
	}

	private IdempotencyException problem(Reason reason, int status, String detail, @Nullable Throwable cause) {
		URI type = type(reason);
		IdempotencyException problem = new IdempotencyException(reason, status, type, detail, cause);
		if ("http".equals(type.getScheme()) || "https".equals(type.getScheme())) {
			problem.getHeaders().set(HttpHeaders.LINK, "<" + type + ">; rel=\"describedby\"");
		}
		return problem;
	}

	private URI type(Reason reason) {
		String base = this.properties.problemBaseUri().toString();
		boolean open = base.endsWith("#") || base.endsWith("/") || base.endsWith(":");
		return URI.create(base + (open ? "" : "#") + reason.slug());
	}

	private IdempotencyException retryLater(IdempotencyException problem) {
		Duration retryAfter = this.properties.retryAfter();
		long seconds = retryAfter.plusMillis(999).toSeconds();
		problem.getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
		return problem;
	}

}
