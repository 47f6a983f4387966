package io.idempotency.actuate;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.idempotency.store.Acquisition;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;
import io.idempotency.store.StoredStep;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.web.gate.StoredNotes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A record as the endpoint shows it.
 *
 * @param recordKey the key of the record in the store
 * @param store the name of the store that keeps it
 * @param state {@code in-progress}, {@code abandoned} if the lease has lapsed,
 * {@code resumable} if the request has failed after a step, {@code completed},
 * {@code completed-without-response}, or {@code unreadable} if this version cannot read
 * the record
 * @param age how long ago the last request acquired the record
 * @param leaseEnd when the lease of the request in progress lapses unless it is renewed,
 * or when it lapsed
 * @param expiresAt when the record is removed unless it changes before; {@code null} if
 * never
 * @param response the stored response of an HTTP request
 * @param result the stored result of a method or listener
 * @param steps the stored steps of a request that has not completed
 */
record RecordDescriptor(String recordKey, String store, String state, @Nullable Duration age,
		@Nullable Instant leaseEnd, @Nullable Instant expiresAt, @Nullable ResponseDescriptor response,
		@Nullable ResultDescriptor result, @Nullable List<StepDescriptor> steps) implements OperationResponseBody {

	/**
	 * Looks up a record.
	 * @return the record, or empty if the key is free
	 */
	static Optional<RecordDescriptor> find(RecordKey key, IdempotencyStore store, String storeName,
			boolean showResponse) {
		try {
			return store.find(key).map((record) -> describe(key, storeName, record, showResponse));
		}
		catch (UnreadableRecordException ex) {
			return Optional
				.of(new RecordDescriptor(key.hex(), storeName, "unreadable", null, null, null, null, null, null));
		}
	}

	private static RecordDescriptor describe(RecordKey key, String store, StoredRecord record, boolean show) {
		Acquisition content = record.content();
		Outcome outcome = (content instanceof Acquisition.Completed completed) ? completed.outcome() : null;
		return new RecordDescriptor(key.hex(), store, state(content), record.age(), record.leaseEnd(),
				record.expiresAt(),
				(outcome instanceof StoredResponse response) ? ResponseDescriptor.of(response, show) : null,
				(outcome instanceof StoredResult result) ? ResultDescriptor.of(result, show) : null,
				describe(steps(content), show));
	}

	private static String state(Acquisition content) {
		if (content instanceof Acquisition.Completed completed) {
			return (completed.outcome() instanceof ResponseNotStored) ? "completed-without-response" : "completed";
		}
		if (content instanceof Acquisition.Resumable) {
			return "resumable";
		}
		return (content instanceof Acquisition.Abandoned) ? "abandoned" : "in-progress";
	}

	private static List<StoredStep> steps(Acquisition content) {
		if (content instanceof Acquisition.Resumable resumable) {
			return resumable.steps();
		}
		if (content instanceof Acquisition.Abandoned abandoned) {
			return abandoned.steps();
		}
		return (content instanceof Acquisition.InProgress running) ? running.steps() : List.of();
	}

	private static @Nullable List<StepDescriptor> describe(List<StoredStep> steps, boolean show) {
		return steps.isEmpty() ? null : steps.stream().map((step) -> StepDescriptor.of(step, show)).toList();
	}

	private static String text(byte[] body) {
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
		}
		catch (CharacterCodingException ex) {
			return Base64.getEncoder().encodeToString(body);
		}
	}

	/**
	 * A stored response.
	 *
	 * @param status the status
	 * @param headers the names of the headers, with their values if responses are shown
	 * @param bodySize the length of the body in bytes
	 * @param body the body if responses are shown: as text if it is valid UTF-8,
	 * otherwise as Base64
	 * @param traceId the trace that created it, if it was traced
	 */
	record ResponseDescriptor(int status, List<String> headers, int bodySize, @Nullable String body,
			@Nullable String traceId) {

		static ResponseDescriptor of(StoredResponse stored, boolean show) {
			StoredNotes notes = StoredNotes.of(stored);
			StoredResponse response = notes.response();
			Stream<String> headers = response.headers()
				.stream()
				.map((header) -> show ? header.name() + ": " + header.value() : header.name());
			return new ResponseDescriptor(response.status(), headers.toList(), response.body().length,
					show ? text(response.body()) : null, notes.traceId());
		}

	}

	/**
	 * A stored result.
	 *
	 * @param type the declared type of the result
	 * @param thrown whether the result is an exception
	 * @param size the length of the JSON in bytes
	 * @param json the JSON if responses are shown
	 * @param traceId the trace that created it, if it was traced
	 */
	record ResultDescriptor(String type, boolean thrown, int size, @Nullable String json, @Nullable String traceId) {

		static ResultDescriptor of(StoredResult result, boolean show) {
			return new ResultDescriptor(result.type(), result.thrown(), result.json().length,
					show ? text(result.json()) : null, result.traceId());
		}

	}

	/**
	 * A stored step.
	 *
	 * @param name the name that the handler gave it
	 * @param version the version of the handler that took it, if it has one
	 * @param takenAt when it was taken, by the clock of the instance that took it
	 * @param result the result; {@code null} if it could not be stored
	 */
	record StepDescriptor(String name, @Nullable String version, Instant takenAt, @Nullable ResultDescriptor result) {

		static StepDescriptor of(StoredStep step, boolean show) {
			ResultDescriptor result = (step.result() instanceof StoredResult stored) ? ResultDescriptor.of(stored, show)
					: null;
			return new StepDescriptor(step.name(), step.version().isEmpty() ? null : step.version(), step.takenAt(),
					result);
		}

	}

}
