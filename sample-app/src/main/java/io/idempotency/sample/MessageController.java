package io.idempotency.sample;

import io.idempotency.IdempotencyExempt;
import jakarta.validation.Valid;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Profile;
import org.springframework.http.HttpStatus;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.kafka.support.converter.RecordMessageConverter;
import org.springframework.kafka.support.converter.StringJacksonJsonMessageConverter;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Sends payments as messages for the page. It can send the same message several times,
 * like a producer that does not know whether its message arrived.
 */
@RestController
@RequestMapping("/showcase/messages")
@Profile("kafka")
class MessageController {

	private static final int MOST = 10;

	private final KafkaTemplate<?, ?> kafka;

	MessageController(KafkaTemplate<?, ?> kafka) {
		this.kafka = kafka;
	}

	@PostMapping
	@IdempotencyExempt
	@ResponseStatus(HttpStatus.ACCEPTED)
	void send(@RequestParam(defaultValue = "1") int times, @RequestHeader("Idempotency-Key") String key,
			@Valid @RequestBody PaymentRequest payment) {
		for (int i = 0; i < Math.min(times, MOST); i++) {
			this.kafka.send(MessageBuilder.withPayload(payment)
				.setHeader(KafkaHeaders.TOPIC, PaymentMessages.TOPIC)
				.setHeader("Idempotency-Key", key)
				.build());
		}
	}

	/**
	 * Converts payments in messages to and from JSON.
	 */
	@Bean
	static RecordMessageConverter paymentMessageConverter() {
		return new StringJacksonJsonMessageConverter();
	}

}
