package io.idempotency.sample;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.idempotency.testing.LocalServer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.MediaType;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The sample with payments that arrive as messages.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@ActiveProfiles("kafka")
@EmbeddedKafka(partitions = 1, topics = PaymentMessages.TOPIC, adminTimeout = 300,
		bootstrapServersProperty = "spring.kafka.bootstrap-servers")
@DirtiesContext
class SampleKafkaIntegrationTests {

	@LocalServerPort
	private int port;

	@Autowired
	private PaymentLedger ledger;

	@Test
	@DisplayName("V2: a payment that arrives three times as a message is charged once, and the page shows it")
	void chargesRepeatedMessageOnce() {
		RestClient client = RestClient.create("http://127.0.0.1:" + this.port);
		String reference = "message " + UUID.randomUUID();
		send(client, reference, 3);
		String last = "message " + UUID.randomUUID();
		send(client, last, 1);
		await().atMost(LocalServer.PATIENCE).until(() -> charges(last) == 1);
		assertThat(charges(reference)).isOne();
		Map<?, ?> state = Objects.requireNonNull(client.get().uri("/showcase/state").retrieve().body(Map.class));
		assertThat((Map<?, ?>) state.get("settings")).extracting("messages").isEqualTo(true);
		assertThat((List<?>) state.get("operations"))
			.anySatisfy((operation) -> assertThat((Map<?, ?>) operation).extracting("key", "path")
				.containsExactly(reference, "message to payments"));
	}

	private static void send(RestClient client, String reference, int times) {
		client.post()
			.uri("/showcase/messages?times={times}", times)
			.header("Idempotency-Key", reference)
			.contentType(MediaType.APPLICATION_JSON)
			.body(Map.of("amount", "12.50", "currency", "EUR", "reference", reference))
			.retrieve()
			.toBodilessEntity();
	}

	private long charges(String reference) {
		return this.ledger.newestFirst().stream().filter((payment) -> payment.reference().equals(reference)).count();
	}

}
