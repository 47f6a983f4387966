package io.idempotency.store;

/**
 * Thrown where a commit was not answered. Whether it took effect shows in the record: if
 * it is completed, it did.
 */
public class CommitUnknownException extends RuntimeException {

	public CommitUnknownException(Throwable cause) {
		super("Nobody knows whether the transaction was committed: " + cause, cause);
	}

}
