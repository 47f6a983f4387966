package io.idempotency.sample;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * Thrown when an order does not exist or was not placed. An order that is sent again
 * after status 503 resumes after the last step that was taken.
 */
final class OrderException extends ErrorResponseException {

	private OrderException(HttpStatus status, String detail, @Nullable Throwable cause) {
		super(status, ProblemDetail.forStatusAndDetail(status, detail), cause);
	}

	static OrderException notFound(UUID id) {
		return new OrderException(HttpStatus.NOT_FOUND, "There is no order " + id + ".", null);
	}

	static OrderException notCaptured(Throwable cause) {
		return new OrderException(HttpStatus.SERVICE_UNAVAILABLE,
				"The payment provider did not confirm the charge. Send the order again.", cause);
	}

	static OrderException cutOff(String step) {
		return new OrderException(HttpStatus.SERVICE_UNAVAILABLE,
				"Cut off after the step '" + step + "', as you asked for. Send the order again.", null);
	}

}
