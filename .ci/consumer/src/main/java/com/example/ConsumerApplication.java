package com.example;

import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotent;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class ConsumerApplication {

	private final AtomicInteger payments = new AtomicInteger();

	public static void main(String[] args) {
		SpringApplication.run(ConsumerApplication.class, args);
	}

	@Idempotent
	@PostMapping("/payments")
	String pay() {
		return "payment " + this.payments.incrementAndGet();
	}

}
