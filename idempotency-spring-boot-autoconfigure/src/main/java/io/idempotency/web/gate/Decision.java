package io.idempotency.web.gate;

import java.util.concurrent.CompletableFuture;

import io.idempotency.engine.Execution;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.IdempotencyException;
import io.idempotency.web.operation.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of a request. A front end applies it, and decides nothing else.
 */
public sealed interface Decision {

	/**
	 * The request goes on as it came.
	 */
	record Unprotected() implements Decision {
	}

	/**
	 * The handler runs, in a transaction if the policy asks for one, and its response is
	 * held.
	 *
	 * @param operation what the request asks for
	 * @param execution to be ended when the response is complete
	 * @param hold how much of the response is held back
	 */
	record Run(Operation operation, Execution execution, Hold hold) implements Decision {
	}

	/**
	 * The request is a retry: it gets the stored response, and the handler does not run
	 * unless it is manual.
	 *
	 * @param operation what the request asks for
	 * @param response the first response; {@code null} if it was not stored, which only
	 * the handler of a manual operation is told
	 * @param redirect whether it was sent as a redirect
	 */
	record Replay(Operation operation, @Nullable StoredResponse response, boolean redirect) implements Decision {
	}

	/**
	 * The request waits for a change, and then comes anew.
	 *
	 * @param operation what the request asks for
	 * @param change completed when it is time to look; to be cancelled when nobody waits
	 * any more
	 */
	record Wait(Operation operation, CompletableFuture<Void> change) implements Decision {
	}

	/**
	 * The request is refused.
	 *
	 * @param exception says why
	 */
	record Refuse(IdempotencyException exception) implements Decision {
	}

}
