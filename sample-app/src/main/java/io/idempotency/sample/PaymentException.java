package io.idempotency.sample;

import java.math.BigDecimal;
import java.util.UUID;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * Thrown when the ledger refuses a request.
 */
final class PaymentException extends ErrorResponseException {

	private PaymentException(HttpStatus status, String detail) {
		super(status, ProblemDetail.forStatusAndDetail(status, detail), null);
	}

	static PaymentException notFound(UUID id) {
		return new PaymentException(HttpStatus.NOT_FOUND, "There is no payment " + id + ".");
	}

	static PaymentException refundExceeds(BigDecimal refundable) {
		return new PaymentException(HttpStatus.UNPROCESSABLE_CONTENT,
				"No more than " + refundable + " of this payment can be refunded.");
	}

}
