package io.idempotency.sample;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.sample.PayingClient.Answer;
import io.idempotency.testing.Database;
import io.idempotency.testing.PostgresProcess;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two instances on one database, which are killed and started again at random while
 * clients pay, and repeat each request until it is answered. More payments, and with them
 * more kills, come by {@code -Dkill.payments}.
 */
class KilledInstancesIntegrationTests {

	private static final int PAYMENTS = Integer.getInteger("kill.payments", 300);

	private static final int CLIENTS = 16;

	/**
	 * In payments, those at the other instance among them.
	 */
	private static final int LONGEST_LIFE = 100;

	private static final int LONGEST_PAUSE_MILLIS = 100;

	private final PayingClient client = new PayingClient();

	private final LongAdder kills = new LongAdder();

	private final CountDownLatch paid = new CountDownLatch(PAYMENTS);

	@Test
	@DisplayName("C5: every payment is charged once, and answered with its charge, whenever instances are killed")
	void chargesOnceWheneverInstancesAreKilled() {
		try (PostgresProcess server = PostgresProcess.startLocal()) {
			Database database = server.newDatabase();
			try (SampleInstance one = new SampleInstance(SampleApplication.class, database);
					SampleInstance other = new SampleInstance(SampleApplication.class, database);
					HikariDataSource dataSource = database.dataSource()) {
				chargesOnce(List.of(one, other), new PaymentLedger(JdbcClient.create(dataSource)));
			}
		}
	}

	private void chargesOnce(List<SampleInstance> instances, PaymentLedger ledger) {
		long start = System.nanoTime();
		ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + instances.size());
		try {
			List<CompletableFuture<Void>> lives = instances.stream()
				.map((instance) -> CompletableFuture.runAsync(() -> killUntilPaid(instance), threads))
				.toList();
			List<Answer> answers = payAll(threads, (reference) -> {
				Answer answer = this.client.payUntilAnswered(reference, instances);
				this.paid.countDown();
				return answer;
			});
			lives.forEach(CompletableFuture::join);
			List<Payment> charges = byReference(ledger.newestFirst());
			System.out.printf("%d payments in %d s, %s kills: %s; %d charges%n", PAYMENTS,
					Duration.ofNanos(System.nanoTime() - start).toSeconds(), this.kills, this.client, charges.size());
			assertThat(answers).allMatch((answer) -> answer.status() == 201);
			assertThat(charges).isEqualTo(byReference(answers.stream().map(Answer::payment).toList()));
			assertThat(payAll(threads, (reference) -> this.client.payUntilAnswered(reference, instances)))
				.allMatch(Answer::replayed)
				.extracting(Answer::body)
				.isEqualTo(answers.stream().map(Answer::body).toList());
			assertThat(this.kills.sum()).isPositive();
		}
		finally {
			threads.shutdownNow();
		}
	}

	/**
	 * An instance lives for a number of payments, not for a time: however slow the
	 * machine is, there is progress. It is left running in the end.
	 */
	private void killUntilPaid(SampleInstance instance) {
		try {
			instance.start();
			long end = this.paid.getCount() - random(LONGEST_LIFE);
			while (!this.paid.await(random(LONGEST_PAUSE_MILLIS), TimeUnit.MILLISECONDS)) {
				if (this.paid.getCount() <= end) {
					instance.kill();
					this.kills.increment();
					instance.start();
					end = this.paid.getCount() - random(LONGEST_LIFE);
				}
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static int random(int bound) {
		return ThreadLocalRandom.current().nextInt(bound);
	}

	private static List<Answer> payAll(ExecutorService threads, Function<String, Answer> pay) {
		List<CompletableFuture<Answer>> answers = IntStream.range(0, PAYMENTS)
			.mapToObj((i) -> CompletableFuture.supplyAsync(() -> pay.apply("order-" + i), threads))
			.toList();
		return answers.stream().map(CompletableFuture::join).toList();
	}

	private static List<Payment> byReference(List<Payment> payments) {
		return payments.stream()
			.sorted(Comparator.comparing(Payment::reference).thenComparing(Payment::createdAt))
			.toList();
	}

}
