package io.idempotency.web.servlet;

/**
 * Thrown when the response of a transactional handler is longer than may be held until
 * the commit.
 */
final class ResponseTooLongException extends IllegalStateException {

	ResponseTooLongException(long limit) {
		super("The response is longer than the " + limit
				+ " bytes that are held until the work is committed, so that the"
				+ " work is rolled back; raise idempotency.max-transactional-response-size, or turn transactional off");
	}

}
