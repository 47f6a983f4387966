package io.idempotency.actuate;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

import io.idempotency.policy.ProtectedOperations;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;
import io.idempotency.web.RecordLocator;
import io.idempotency.web.RecordLocator.KnownRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Shows how the application is set up and the record of a key. It also removes a record
 * if {@code management.endpoint.idempotency.access} allows it.
 * <p>
 * A record is found by its record key, by the idempotency key of a client together with
 * those parts of the request that belong to the scope, or by the key of a method or
 * listener together with the name of its operation.
 */
@WebEndpoint(id = "idempotency", defaultAccess = Access.READ_ONLY)
final class IdempotencyEndpoint {

	private static final Pattern RECORD_KEY = Pattern.compile("[0-9a-f]{64}");

	private final ApplicationReport application;

	private final RecordLocator records;

	private final ProtectedOperations operations;

	private final Stores stores;

	private final boolean showResponses;

	IdempotencyEndpoint(ApplicationReport application, RecordLocator records, ProtectedOperations operations,
			Stores stores, boolean showResponses) {
		this.application = application;
		this.records = records;
		this.operations = operations;
		this.stores = stores;
		this.showResponses = showResponses;
	}

	@ReadOperation
	ApplicationReport.Report application() {
		return this.application.report();
	}

	@ReadOperation
	WebEndpointResponse<?> record(@Selector(match = Match.ALL_REMAINING) String[] key, @Nullable String method,
			@Nullable String path, @Nullable String query, @Nullable String principal, @Nullable String realm,
			@Nullable String variant, @Nullable String host, @Nullable String operation, @Nullable String store) {
		return answer(new Lookup(key, new KnownRequest(method, path, query, principal, realm, variant, host), operation,
				store), this::find);
	}

	@DeleteOperation
	WebEndpointResponse<?> remove(@Selector(match = Match.ALL_REMAINING) String[] key, @Nullable String method,
			@Nullable String path, @Nullable String query, @Nullable String principal, @Nullable String realm,
			@Nullable String variant, @Nullable String host, @Nullable String operation, @Nullable String store) {
		return answer(new Lookup(key, new KnownRequest(method, path, query, principal, realm, variant, host), operation,
				store), (place) -> find(place).filter((record) -> place.store().remove(place.key())));
	}

	private Optional<RecordDescriptor> find(Place place) {
		return RecordDescriptor.find(place.key(), place.store(), this.stores.nameOf(place.store()), this.showResponses);
	}

	private WebEndpointResponse<?> answer(Lookup lookup, Function<Place, Optional<RecordDescriptor>> operation) {
		Place place;
		try {
			place = new Place(recordKey(lookup), this.stores.named(lookup.store()));
		}
		catch (IllegalArgumentException ex) {
			return new WebEndpointResponse<>(new Message(ex.getMessage()), WebEndpointResponse.STATUS_BAD_REQUEST);
		}
		try {
			Optional<RecordDescriptor> record = operation.apply(place);
			return record.isPresent() ? new WebEndpointResponse<>(record.get())
					: new WebEndpointResponse<>(
							new Message("There is no record " + place.key() + " in " + this.stores.nameOf(place.store())
									+ ": a request with this key would run its handler."),
							WebEndpointResponse.STATUS_NOT_FOUND);
		}
		catch (UnsupportedOperationException ex) {
			return new WebEndpointResponse<>(new Message(ex.getMessage()), WebEndpointResponse.STATUS_BAD_REQUEST);
		}
		catch (RuntimeException ex) {
			return new WebEndpointResponse<>(new Message("The store does not answer: " + ex),
					WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
		}
	}

	/**
	 * Takes a key in the format of a record key as a record key, unless the request or
	 * the operation is given.
	 */
	private RecordKey recordKey(Lookup lookup) {
		String key = String.join("/", lookup.key());
		if (lookup.operation() != null) {
			return this.operations.locate(lookup.operation(), key);
		}
		boolean aboutRequest = !lookup.request().equals(KnownRequest.NOTHING);
		return (RECORD_KEY.matcher(key).matches() && !aboutRequest) ? new RecordKey(key)
				: this.records.locate(key, lookup.request());
	}

	/**
	 * The parameters of a call. A key that contains slashes arrives as several segments.
	 */
	private record Lookup(String[] key, KnownRequest request, @Nullable String operation, @Nullable String store) {
	}

	/**
	 * A record key, and the store to look in.
	 */
	private record Place(RecordKey key, IdempotencyStore store) {
	}

	/**
	 * An error response.
	 *
	 * @param message why there is no record to show
	 */
	record Message(@Nullable String message) implements OperationResponseBody {
	}

}
