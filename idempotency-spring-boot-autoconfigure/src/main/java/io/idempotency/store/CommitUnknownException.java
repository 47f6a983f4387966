package io.idempotency.store;

/**
 * Thrown when a commit was not answered. The record shows whether the commit took effect:
 * it did if the record is completed.
 */
public class CommitUnknownException extends RuntimeException {

	public CommitUnknownException(Throwable cause) {
		super("It is unknown whether the transaction was committed: " + cause, cause);
	}

}
