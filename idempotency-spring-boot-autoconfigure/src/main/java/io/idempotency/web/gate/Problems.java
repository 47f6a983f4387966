package io.idempotency.web.gate;

import java.net.URI;
import java.util.Arrays;
import java.util.List;

import io.idempotency.engine.Attempt;
import io.idempotency.policy.EngineProperties.OnAbandoned;
import io.idempotency.policy.KeyText;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.web.IdempotencyException;
import io.idempotency.web.IdempotencyException.Reason;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.ProtectedHandlers;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * Creates the refusals, with the statuses and problem types that the properties define.
 */
public final class Problems {

	private static final Log logger = LogFactory.getLog(Problems.class);

	private final IdempotencyProperties properties;

	private final OnAbandoned onAbandoned;

	/**
	 * Creates an instance.
	 * @param properties the settings of the application
	 * @param onAbandoned what happens to a request if the previous one was cut off
	 */
	public Problems(IdempotencyProperties properties, OnAbandoned onAbandoned) {
		this.properties = properties;
		this.onAbandoned = onAbandoned;
	}

	IdempotencyException keyMissing() {
		return problem(Reason.KEY_MISSING,
				"Send the header %s with a value that is new for each operation, and the same on each retry of it."
					.formatted(this.properties.keyHeader()));
	}

	IdempotencyException keyInvalid(IllegalArgumentException cause) {
		String rule = (cause.getMessage() != null) ? cause.getMessage() : "The key is malformed.";
		return problem(Reason.KEY_INVALID, rule);
	}

	private IdempotencyException keyReused(String key) {
		return problem(Reason.KEY_REUSED,
				"The key %s came before with another request. Send a new key for a new operation, or repeat the first request unchanged."
					.formatted(KeyText.abbreviate(key)));
	}

	/**
	 * Returns the refusal for an attempt that ends neither with a new response nor with a
	 * replay.
	 * @param waited whether the request has waited for another one
	 */
	IdempotencyException refusal(Attempt attempt, String key, boolean waited) {
		if (attempt instanceof Attempt.InProgress) {
			return waited ? waitTimeout() : inProgress();
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
	 * Returns the refusal for a request that lost its lease before its commit.
	 * @param cause the failure of the commit
	 * @return the refusal
	 */
	public IdempotencyException leaseLost(RuntimeException cause) {
		return problem(Reason.IN_PROGRESS,
				"This request took too long, so its work was rolled back. Repeat it later with the same key.", cause);
	}

	/**
	 * Returns the refusal for a request whose commit may or may not have succeeded.
	 * @param cause the failure of the commit
	 * @return the refusal
	 */
	public IdempotencyException commitUnknown(RuntimeException cause) {
		return problem(Reason.STORE_UNAVAILABLE,
				"It is not known whether the request was carried out. Repeat it later with the same key: it is not carried out twice.",
				cause);
	}

	/**
	 * Returns the refusal for a request that cannot resume from the steps of an earlier
	 * one.
	 * @param cause names the step that does not match
	 * @return the refusal
	 */
	public IdempotencyException resumeFailed(RuntimeException cause) {
		return problem(Reason.RESUME_FAILED,
				"An earlier request with this key was cut off, and this one cannot continue from there. Nothing more was carried out. Do not send a new key.",
				cause);
	}

	/**
	 * Returns the refusal for a request that lost its lease to another one between its
	 * steps.
	 * @param cause names the step that was not stored
	 * @return the refusal
	 */
	public IdempotencyException stepsTakenOver(RuntimeException cause) {
		return problem(Reason.IN_PROGRESS,
				"This request took too long, and another one with its key has taken over. Repeat it later with the same key.",
				cause);
	}

	/**
	 * Returns the refusal for a request that ended between its steps because the store is
	 * not available.
	 * @param cause names the step that was not stored
	 * @return the refusal
	 */
	public IdempotencyException stepNotStored(RuntimeException cause) {
		return problem(Reason.STORE_UNAVAILABLE,
				"The request was not completed. Repeat it later with the same key: it continues where it stopped.",
				cause);
	}

	private IdempotencyException inProgress() {
		return problem(Reason.IN_PROGRESS,
				"Repeat the request later with the same key to get the response of the first one.");
	}

	private IdempotencyException waitTimeout() {
		return problem(Reason.WAIT_TIMEOUT,
				"The first request is still running. Repeat the request later with the same key to get its response.");
	}

	private IdempotencyException outcomeUnknown() {
		return problem(Reason.OUTCOME_UNKNOWN,
				"The first request with this key was cut off, and may or may not have had its effect. Find out before you send a new key.");
	}

	private IdempotencyException responseNotStored() {
		return problem(Reason.RESPONSE_NOT_STORED,
				"The first request with this key was carried out, but its response cannot be sent again. Do not send a new key.");
	}

	/**
	 * Returns the refusal for a request that was not carried out because the store is not
	 * available.
	 * @param cause the failure of the store
	 * @return the refusal
	 */
	public IdempotencyException storeUnavailable(RuntimeException cause) {
		return problem(Reason.STORE_UNAVAILABLE, "The request was not carried out. Repeat it later with the same key.",
				cause);
	}

	private IdempotencyException recordUnreadable(RuntimeException cause) {
		return problem(Reason.STORE_UNAVAILABLE,
				"The key was used before, but what is stored for it cannot be read. The request was not carried out again.",
				cause);
	}

	private IdempotencyException problem(Reason reason, String detail) {
		return problem(reason, detail, null);
	}

	private IdempotencyException problem(Reason reason, String detail, @Nullable Throwable cause) {
		URI type = type(reason);
		IdempotencyException problem = new IdempotencyException(reason, status(reason), type, detail, cause);
		if ("http".equals(type.getScheme()) || "https".equals(type.getScheme())) {
			problem.getHeaders().set(HttpHeaders.LINK, "<" + type + ">; rel=\"describedby\"");
		}
		if (isTemporary(reason)) {
			long seconds = this.properties.retryAfter().plusMillis(999).toSeconds();
			problem.getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
		}
		return problem;
	}

	/**
	 * Returns the refusals that a request can receive.
	 * @param policy how the request is protected
	 * @return the refusals, in the order of their reasons
	 */
	public List<ProtectedHandlers.Refusal> possibleRefusals(ProtectionPolicy policy) {
		return Arrays.stream(Reason.values())
			.filter((reason) -> isPossible(reason, policy))
			.map((reason) -> new ProtectedHandlers.Refusal(reason, status(reason), type(reason), isTemporary(reason)))
			.toList();
	}

	private boolean isPossible(Reason reason, ProtectionPolicy policy) {
		return switch (reason) {
			case KEY_MISSING -> policy.keyRequired();
			case KEY_INVALID, STORE_UNAVAILABLE -> true;
			case RESUME_FAILED -> false;
			case KEY_REUSED -> !this.properties.fingerprint().isEmpty();
			case IN_PROGRESS -> policy.transactional() || this.properties.waitTimeout().isZero();
			case WAIT_TIMEOUT -> !this.properties.waitTimeout().isZero();
			case OUTCOME_UNKNOWN -> this.onAbandoned == OnAbandoned.REFUSE;
			case RESPONSE_NOT_STORED -> !policy.manual();
		};
	}

	private int status(Reason reason) {
		return switch (reason) {
			case KEY_MISSING -> this.properties.missingKeyStatus();
			case KEY_INVALID -> this.properties.invalidKeyStatus();
			case KEY_REUSED -> this.properties.mismatchStatus();
			case IN_PROGRESS, OUTCOME_UNKNOWN -> this.properties.conflictStatus();
			case WAIT_TIMEOUT -> this.properties.waitTimeoutStatus();
			case RESPONSE_NOT_STORED, RESUME_FAILED -> HttpStatus.CONFLICT.value();
			case STORE_UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE.value();
		};
	}

	/**
	 * Returns whether the same request may succeed later.
	 */
	private static boolean isTemporary(Reason reason) {
		return reason == Reason.IN_PROGRESS || reason == Reason.WAIT_TIMEOUT || reason == Reason.STORE_UNAVAILABLE;
	}

	private URI type(Reason reason) {
		String base = this.properties.problemBaseUri().toString();
		boolean open = base.endsWith("#") || base.endsWith("/") || base.endsWith(":");
		return URI.create(base + (open ? "" : "#") + reason.slug());
	}

}
