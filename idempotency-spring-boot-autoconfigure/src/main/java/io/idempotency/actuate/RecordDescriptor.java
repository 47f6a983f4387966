package io.idempotency.actuate;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.idempotency.store.Acquisition;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.web.gate.StoredNotes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A record as it is shown.
 *
 * @param recordKey where it is
 * @param store the name of the store that keeps it
 * @param state whether the request is {@code in-progress}, was {@code abandoned}, or has
 * {@code completed}, with or without a stored response; {@code unreadable} if this
 * version cannot tell
 * @param response the stored response of an HTTP request
 * @param result the stored result of a method or listener
 */
record RecordDescriptor(String recordKey, String store, String state, @Nullable ResponseDescriptor response,
		@Nullable ResultDescriptor result) implements OperationResponseBody {

	/**
	 * Looks at a record.
	 * @return nothing if it is free
	 */
	static Optional<RecordDescriptor> find(RecordKey key, IdempotencyStore store, String storeName,
			boolean showResponse) {
		try {
			return store.find(key).map((record) -> describe(key, storeName, record, showResponse));
		}
		catch (UnreadableRecordException ex) {
			return Optional.of(new RecordDescriptor(key.hex(), storeName, "unreadable", null, null));
		}
	}

	private static RecordDescriptor describe(RecordKey key, String store, Acquisition record, boolean showResponse) {
		if (record instanceof Acquisition.Completed completed) {
			if (completed.outcome() instanceof StoredResult result) {
				return new RecordDescriptor(key.hex(), store, "completed", null,
						ResultDescriptor.of(result, showResponse));
			}
			return (completed.outcome() instanceof StoredResponse response) ? new RecordDescriptor(key.hex(), store,
					"completed", ResponseDescriptor.of(response, showResponse), null)
					: new RecordDescriptor(key.hex(), store, "completed-without-response", null, null);
		}
		String state = (record instanceof Acquisition.Abandoned) ? "abandoned" : "in-progress";
		return new RecordDescriptor(key.hex(), store, state, null, null);
	}

	/**
	 * A stored response.
	 *
	 * @param status its status
	 * @param headers the names of its headers, with their values if responses are shown
	 * @param bodySize the length of its body in bytes
	 * @param body its body if responses are shown: as it is if it is UTF-8, otherwise in
	 * Base64
	 * @param traceId the trace that made it, if it was traced
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
	 * @param type the type that it was written for
	 * @param thrown whether it was thrown
	 * @param size the length of its JSON in bytes
	 * @param json the JSON if responses are shown
	 * @param traceId the trace that made it, if it was traced
	 */
	record ResultDescriptor(String type, boolean thrown, int size, @Nullable String json, @Nullable String traceId) {

		static ResultDescriptor of(StoredResult result, boolean show) {
			return new ResultDescriptor(result.type(), result.thrown(), result.json().length,
					show ? text(result.json()) : null, result.traceId());
		}

	}

	private static String text(byte[] body) {
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
		}
		catch (CharacterCodingException ex) {
			return Base64.getEncoder().encodeToString(body);
		}
	}

}
