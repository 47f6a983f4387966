package io.idempotency.sample;

import io.idempotency.IdempotencyContextHolder;
import io.idempotency.Idempotent;

import org.springframework.context.annotation.Profile;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.stereotype.Component;
import org.springframework.validation.Validator;

/**
 * Takes payments that arrive as messages. The header {@code Idempotency-Key} of a message
 * contains the key of its payment. The payment is charged once, even if the message is
 * sent or delivered several times.
 */
@Component
@Profile("kafka")
class PaymentMessages {

	static final String TOPIC = "payments";

	private final PaymentService payments;

	private final Validator validator;

	private final ShowcaseObserver observer;

	PaymentMessages(PaymentService payments, Validator validator, ShowcaseObserver observer) {
		this.payments = payments;
		this.validator = validator;
		this.observer = observer;
	}

	@Idempotent(operation = "payments by message")
	@KafkaListener(topics = TOPIC)
	Payment pay(@Payload PaymentRequest request) {
		this.observer.handlerRuns(IdempotencyContextHolder.getContext(), "message to " + TOPIC);
		this.validator.validateObject(request)
			.failOnError((problem) -> new IllegalArgumentException("The message is not a payment: " + problem));
		return this.payments.pay(request);
	}

}
