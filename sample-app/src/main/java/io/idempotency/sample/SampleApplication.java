package io.idempotency.sample;

import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.info.Info;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts the payments service.
 */
@SpringBootApplication
@OpenAPIDefinition(info = @Info(title = "Payments", version = "1",
		description = "A payments service whose clients may repeat any request without paying twice."))
public class SampleApplication {

	public static void main(String[] args) {
		SpringApplication.run(SampleApplication.class, args);
	}

}
