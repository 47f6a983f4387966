package io.idempotency.web;

import java.net.URI;

import io.idempotency.engine.RequestOutcome;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * Thrown when a request is refused because of its idempotency key. The client receives it
 * as {@code application/problem+json} (RFC 9457), unless an {@code @ExceptionHandler} of
 * the application handles it.
 * <p>
 * A {@code MessageSource} can replace the title and the detail. The message codes begin
 * with {@code problemDetail.title.} and {@code problemDetail.}, followed by the name of
 * this class, a dot and the {@linkplain Reason#slug() slug} of the reason.
 */
public class IdempotencyException extends ErrorResponseException {

	private static final String CODE = IdempotencyException.class.getName() + ".";

	private final Reason reason;

	/**
	 * Creates an exception. Applications do not need to call this constructor.
	 * @param reason why the request is refused
	 * @param status the HTTP status
	 * @param type the type of the problem
	 * @param detail what the client should do
	 * @param cause the failure behind the refusal, or {@code null} if there is none
	 */
	public IdempotencyException(Reason reason, int status, URI type, String detail, @Nullable Throwable cause) {
		super(HttpStatusCode.valueOf(status), problem(reason, status, type, detail), cause,
				"problemDetail." + CODE + reason.slug(), null);
		this.reason = reason;
	}

	private static ProblemDetail problem(Reason reason, int status, URI type, String detail) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), detail);
		problem.setType(type);
		problem.setTitle(reason.title());
		return problem;
	}

	/**
	 * Returns why the request is refused.
	 * @return the reason
	 */
	public Reason getReason() {
		return this.reason;
	}

	@Override
	public String getTitleMessageCode() {
		return "problemDetail.title." + CODE + this.reason.slug();
	}

	@Override
	public String getTypeMessageCode() {
		return "problemDetail.type." + CODE + this.reason.slug();
	}

	/**
	 * Why a request is refused.
	 */
	public enum Reason {

		/**
		 * The handler requires a key, and the request has none.
		 */
		KEY_MISSING("key-missing", "An idempotency key is required"),

		/**
		 * The key is malformed.
		 */
		KEY_INVALID("key-invalid", "The idempotency key is malformed"),

		/**
		 * The key was used before with another request.
		 */
		KEY_REUSED("key-reused", "The idempotency key was used for another request"),

		/**
		 * The first request with the key is still running.
		 */
		IN_PROGRESS("in-progress", "The first request with this idempotency key is still in progress"),

		/**
		 * The request timed out while waiting for the first request with the key, which
		 * is still running.
		 */
		WAIT_TIMEOUT("wait-timeout", "The wait for the first request with this idempotency key timed out"),

		/**
		 * The first request with the key was cut off, and it is not known whether it had
		 * an effect.
		 */
		OUTCOME_UNKNOWN("outcome-unknown", "The outcome of the first request is unknown"),

		/**
		 * The first request has completed, but its response cannot be replayed.
		 */
		RESPONSE_NOT_STORED("response-not-stored", "The first response was not stored"),

		/**
		 * An earlier request was cut off after some of its steps, and this request cannot
		 * resume from them.
		 */
		RESUME_FAILED("resume-failed", "The first request cannot be resumed"),

		/**
		 * The store is not available, or its record cannot be read.
		 */
		STORE_UNAVAILABLE("store-unavailable", "Idempotency keys cannot be checked now");

		private final String slug;

		private final String title;

		Reason(String slug, String title) {
			this.slug = slug;
			this.title = title;
		}

		/**
		 * Returns the last part of the problem type.
		 * @return a name such as {@code key-missing}
		 */
		public String slug() {
			return this.slug;
		}

		/**
		 * Returns the default title of the problem, which a {@code MessageSource} can
		 * replace.
		 * @return a short sentence without a full stop
		 */
		public String title() {
			return this.title;
		}

		/**
		 * Returns the outcome that is reported for a request refused for this reason.
		 * @return the outcome of the same name
		 */
		public RequestOutcome outcome() {
			return RequestOutcome.valueOf(name());
		}

	}

}
