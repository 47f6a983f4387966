package io.idempotency.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.sample.PayingClient.Answer;
import io.idempotency.testing.Database;
import io.idempotency.testing.PostgresProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Two instances on one database, the first of which ends or stops at a chosen moment of a
 * payment, so that the client turns to the other. Each test has a reference of its own.
 */
class HaltedInstanceIntegrationTests {

	private static final Database DATABASE = PostgresProcess.shared().newDatabase();

	private static final HikariDataSource DATA_SOURCE = DATABASE.dataSource();

	private static final SampleInstance FIRST = instance();

	private static final SampleInstance OTHER = instance();

	private final PayingClient client = new PayingClient();

	private final String reference = "order-" + UUID.randomUUID();

	private static SampleInstance instance() {
		return new SampleInstance(HaltingSample.class, DATABASE, "idempotency.jdbc.timeout=5s");
	}

	@BeforeAll
	static void start() {
		CompletableFuture.allOf(CompletableFuture.runAsync(FIRST::start), CompletableFuture.runAsync(OTHER::start))
			.join();
	}

	@AfterAll
	static void stop() {
		FIRST.close();
		OTHER.close();
		DATA_SOURCE.close();
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("C5: a payment is charged once, whenever its process halts; what was committed is replayed")
	void chargesOnceWhenProcessHalts(Moment moment) {
		assertThatIOException().isThrownBy(() -> this.client.pay(this.reference, FIRST, Moment.HALT, moment.name()));
		Answer answer = this.client.payUntilAnswered(this.reference, List.of(OTHER));
		assertThat(answer.replayed()).isEqualTo(moment == Moment.AFTER_COMMIT);
		assertThat(charges()).containsExactly(answer.payment());
		FIRST.kill();
		FIRST.start();
		assertReplayed(answer);
	}

	@Test
	@DisplayName("C6: a process that was stopped until another one took over commits nothing")
	void commitsNothingWhenAnotherInstanceTookOver() {
		CompletableFuture<Answer> stopped = payAndStop(Moment.IN_HANDLER);
		Answer answer = this.client.payUntilAnswered(this.reference, List.of(OTHER));
		FIRST.resume();
		assertThat(stopped.join().status()).isEqualTo(409);
		assertThat(stopped.join().body()).contains(":in-progress");
		assertThat(answer.replayed()).isFalse();
		assertThat(charges()).containsExactly(answer.payment());
		assertReplayed(answer);
	}

	@Test
	@DisplayName("C6: nobody takes over from a process that was stopped when it was about to commit")
	void refusesOthersWhileCommitIsDue() throws IOException {
		CompletableFuture<Answer> stopped = payAndStop(Moment.BEFORE_COMMIT);
		Answer refusal = this.client.pay(this.reference, OTHER);
		FIRST.resume();
		assertThat(refusal.status()).isEqualTo(409);
		assertThat(refusal.body()).contains(":wait-timeout");
		Answer answer = stopped.join();
		assertThat(answer.status()).isEqualTo(201);
		assertThat(charges()).containsExactly(answer.payment());
		assertReplayed(answer);
	}

	private CompletableFuture<Answer> payAndStop(Moment moment) {
		CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> {
			try {
				return this.client.pay(this.reference, FIRST, Moment.HOLD, moment.name());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		});
		FIRST.pauseWhenHeld();
		return answer;
	}

	private void assertReplayed(Answer answer) {
		for (SampleInstance instance : List.of(FIRST, OTHER)) {
			Answer replay = this.client.payUntilAnswered(this.reference, List.of(instance));
			assertThat(replay).isEqualTo(new Answer(201, answer.body(), true));
		}
	}

	private List<Payment> charges() {
		return new PaymentLedger(JdbcClient.create(DATA_SOURCE)).newestFirst()
			.stream()
			.filter((payment) -> payment.reference().equals(this.reference))
			.toList();
	}

}
