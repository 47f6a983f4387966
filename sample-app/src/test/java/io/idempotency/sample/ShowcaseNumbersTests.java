package io.idempotency.sample;

import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.engine.IdempotencyEngine;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The numbers of the page while the payment provider, which is the same application,
 * charges.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class ShowcaseNumbersTests {

	@LocalServerPort
	private int port;

	@Autowired
	private IdempotencyEngine engine;

	@Autowired
	private HeldProviderLedger held;

	@Test
	void countsOrderThatIsChargedAsOneRun() {
		RestClient client = RestClient.create("http://127.0.0.1:" + this.port);
		CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> client.post()
			.uri("/orders")
			.header("Idempotency-Key", UUID.randomUUID().toString())
			.body(Map.of("amount", "12.50", "currency", "EUR", "reference", "Order 4711"))
			.retrieve()
			.toBodilessEntity()
			.getStatusCode()
			.value());
		await().until(this.held::isCharging);
		assertThat(this.engine.leasesHeld()).isEqualTo(2);
		assertThat(state(client)).satisfies((state) -> {
			assertThat(state.running()).isOne();
			assertThat(state.operations()).extracting(ShowcaseController.Operation::path).containsExactly("/orders");
		});
		this.held.release();
		assertThat(status.join()).isEqualTo(201);
		await().untilAsserted(() -> assertThat(state(client).running()).isZero());
		assertThat(state(client)).satisfies((state) -> {
			assertThat(state.totals()).isEqualTo(new ShowcaseObserver.Counts(1, 0, 0, 0));
			assertThat(state.effects()).isEqualTo(ShowcaseObserver.Effects.ORDER);
			assertThat(state.operations()).hasSize(1);
			assertThat(state.charges()).isOne();
		});
	}

	private static ShowcaseController.State state(RestClient client) {
		return Objects
			.requireNonNull(client.get().uri("/showcase/state").retrieve().body(ShowcaseController.State.class));
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Held {

		@Bean
		@Primary
		HeldProviderLedger heldProviderLedger(JdbcClient jdbc) {
			return new HeldProviderLedger(jdbc);
		}

	}

	/**
	 * Charges when the test lets it.
	 */
	static class HeldProviderLedger extends ProviderLedger {

		private final CountDownLatch go = new CountDownLatch(1);

		private volatile boolean charging;

		HeldProviderLedger(JdbcClient jdbc) {
			super(jdbc);
		}

		boolean isCharging() {
			return this.charging;
		}

		void release() {
			this.go.countDown();
		}

		@Override
		void add(Charge charge) {
			this.charging = true;
			try {
				assertThat(this.go.await(60, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			super.add(charge);
		}

	}

}
