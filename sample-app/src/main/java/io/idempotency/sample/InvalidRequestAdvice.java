package io.idempotency.sample;

import java.util.Map;
import java.util.TreeMap;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Adds the validation errors of an invalid request to its problem document.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class InvalidRequestAdvice {

	@ExceptionHandler
	ProblemDetail nameInvalidMembers(MethodArgumentNotValidException ex) {
		Map<String, String> errors = new TreeMap<>();
		ex.getFieldErrors().forEach((error) -> errors.put(error.getField(), error.getDefaultMessage()));
		ex.getBody().setProperty("errors", errors);
		return ex.getBody();
	}

}
