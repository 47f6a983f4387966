package io.idempotency.web.gate;

import java.util.concurrent.CompletableFuture;

import io.idempotency.engine.Execution;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.IdempotencyException;
import io.idempotency.web.operation.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The decision of the gate about a request. A front end applies it and makes no decisions
 * of its own.
 */
public sealed interface Decision {

	/**
	 * The request is not protected and passes on unchanged.
	 */
	record Unprotected() implements Decision {
	}

	/**
	 * The handler runs, in a transaction if the policy requires one. Its response is held
	 * back.
	 *
	 * @param operation the operation of the request
	 * @param execution the execution, which must be ended when the response is complete
	 * @param hold how much of the response is held back
	 */
	record Run(Operation operation, Execution execution, Hold hold) implements Decision {
	}

	/**
	 * The request is a retry. It receives the stored response, and the handler runs only
	 * if it is manual.
	 *
	 * @param operation the operation of the request
	 * @param response the first response; {@code null} if it was not stored, which
	 * happens only if the handler is manual
	 * @param redirect whether the first response was sent as a redirect
	 */
	record Replay(Operation operation, @Nullable StoredResponse response, boolean redirect) implements Decision {
	}

	/**
	 * The request waits for a change of its record, and is then processed again from the
	 * start.
	 *
	 * @param operation the operation of the request
	 * @param change completed when the request is to be processed again; must be
	 * cancelled if the request stops waiting
	 */
	record Wait(Operation operation, CompletableFuture<Void> change) implements Decision {
	}

	/**
	 * The request is refused.
	 *
	 * @param exception the refusal
	 */
	record Refuse(IdempotencyException exception) implements Decision {
	}

}
