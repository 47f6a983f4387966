package io.idempotency.web;

import java.util.function.Supplier;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * How each refusal is brought about, and what it looks like.
 */
enum Refusal {

	KEY_MISSING("key-missing", 400, "Idempotency-Key"),

	KEY_INVALID("key-invalid", 422, "Idempotency-Key"),

	KEY_REUSED("key-reused", 422, "Send a new key", () -> new Acquisition.InProgress(another())),

	KEY_REUSED_AFTER_COMPLETION("key-reused", 422, "Send a new key",
			() -> new Acquisition.Completed(another(), new ResponseNotStored())),

	KEY_REUSED_AFTER_ABANDONMENT("key-reused", 422, "Send a new key", () -> new Acquisition.Abandoned(another())),

	IN_PROGRESS("in-progress", 409, "Repeat the request later", () -> new Acquisition.InProgress(Fingerprint.ANY)),

	OUTCOME_UNKNOWN("outcome-unknown", 409, "before you send a new key",
			() -> new Acquisition.Abandoned(Fingerprint.ANY)),

	RESPONSE_NOT_STORED("response-not-stored", 409, "Do not send a new key",
			() -> new Acquisition.Completed(Fingerprint.ANY, new ResponseNotStored())),

	STORE_UNAVAILABLE("store-unavailable", 503, "Repeat it later", () -> {
		throw new IllegalStateException("The store is away");
	}),

	RECORD_UNREADABLE("store-unavailable", 503, "cannot be read", () -> {
		throw new UnreadableRecordException("The record is damaged");
	});

	private final String slug;

	private final int status;

	private final String advice;

	private final @Nullable Supplier<Acquisition> answer;

	Refusal(String slug, int status, String advice) {
		this(slug, status, advice, null);
	}

	Refusal(String slug, int status, String advice, @Nullable Supplier<Acquisition> answer) {
		this.slug = slug;
		this.status = status;
		this.advice = advice;
		this.answer = answer;
	}

	private static Fingerprint another() {
		return new Fingerprint("0".repeat(64));
	}

	/**
	 * Returns the last part of the problem type.
	 */
	String slug() {
		return this.slug;
	}

	/**
	 * Returns the status that the contract gives it.
	 */
	int status() {
		return this.status;
	}

	/**
	 * Returns a part of the detail.
	 */
	String advice() {
		return this.advice;
	}

	boolean hasRetryAfter() {
		return this.slug.equals("in-progress") || this.slug.equals("store-unavailable");
	}

	/**
	 * Returns the answer of the store that brings it about, or {@code null} if the store
	 * is not asked.
	 */
	@Nullable Supplier<Acquisition> answer() {
		return this.answer;
	}

	/**
	 * Returns the header that brings it about.
	 */
	@Nullable String header(String key) {
		return switch (this) {
			case KEY_MISSING -> null;
			case KEY_INVALID -> "\"" + key;
			default -> key;
		};
	}

}
