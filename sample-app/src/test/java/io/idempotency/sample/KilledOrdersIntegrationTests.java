package io.idempotency.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.sample.HaltingOrders.Boundary;
import io.idempotency.sample.HaltingOrders.Entry;
import io.idempotency.sample.PayingClient.Answer;
import io.idempotency.testing.Database;
import io.idempotency.testing.PostgresProcess;
import io.idempotency.testing.RedisProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two instances that take orders in steps. They are killed at random, and halt by
 * themselves at random on either side of the boundaries of steps, while clients repeat
 * each order until it is answered. The payment provider is a third instance, with a
 * database of its own, which lives on. More orders, and with them more deaths, come by
 * {@code -Dkill.orders}.
 */
class KilledOrdersIntegrationTests {

	private static final int ORDERS = Integer.getInteger("kill.orders", 40);

	private static final int CLIENTS = 16;

	/**
	 * In orders, those at the other instance among them.
	 */
	private static final int LONGEST_LIFE = 100;

	private static final int LONGEST_PAUSE_MILLIS = 100;

	private static final String[] TABLES_AT_START = { "spring.sql.init.mode=always",
			"spring.sql.init.continue-on-error=true" };

	private final PayingClient client = new PayingClient("/orders");

	private final LongAdder kills = new LongAdder();

	private final LongAdder halts = new LongAdder();

	private final CountDownLatch placed = new CountDownLatch(ORDERS);

	private Path journal;

	@BeforeEach
	void createJournal(@TempDir Path directory) throws IOException {
		this.journal = Files.createFile(directory.resolve("journal"));
	}

	@Test
	@DisplayName("Q1: with steps in transactions, each step of every order is taken once, whenever instances die")
	void takesEachStepOnceWhereStepsHaveTransactions() {
		withProvider((provider, database) -> {
			try (SampleInstance one = instance("postgres", database, provider);
					SampleInstance other = instance("postgres", database, provider)) {
				Written written = placeAll(List.of(one, other), provider, database);
				assertThat(written.reservations()).as("reservations").hasSize(ORDERS);
				assertThat(written.reservations()).extracting(Reservation::reference).doesNotHaveDuplicates();
				assertThat(written.bookings()).as("bookings").hasSize(ORDERS);
				assertThat(written.bookings()).extracting(Order::reference).doesNotHaveDuplicates();
			}
		});
	}

	/**
	 * A request that was cut off has been in one step at most.
	 */
	@Test
	@DisplayName("Q1: without transactions, the provider charges once, whenever instances die; what crashes between a work and its result doubles is bounded")
	void chargesOnceWhereStepsHaveNoTransactions() {
		withProvider((provider, database) -> {
			try (RedisProcess redis = RedisProcess.startLocal();
					SampleInstance one = instance("redis", database, provider, redis.properties(), TABLES_AT_START);
					SampleInstance other = instance("redis", database, provider, redis.properties(), TABLES_AT_START)) {
				Written written = placeAll(List.of(one, other), provider, database);
				assertThat(written.references())
					.allMatch((reference) -> written.doubled(reference) <= this.client.cutOff(reference));
			}
		});
	}

	private void withProvider(Scenario scenario) {
		try (PostgresProcess server = PostgresProcess.startLocal()) {
			Database providers = server.newDatabase();
			try (SampleInstance provider = new SampleInstance(SampleApplication.class, providers);
					HikariDataSource dataSource = providers.dataSource()) {
				provider.start();
				scenario.run(new Provider(provider, new ProviderLedger(JdbcClient.create(dataSource))),
						server.newDatabase());
			}
		}
	}

	private SampleInstance instance(String profile, Database database, Provider provider, String[]... properties) {
		List<String> all = new ArrayList<>(List.of("sample.provider.url=" + provider.instance().uri(""),
				HaltingOrders.JOURNAL_PROPERTY + "=" + this.journal));
		Stream.of(properties).forEach((some) -> all.addAll(List.of(some)));
		return new SampleInstance(profile, HaltingOrders.class, database, all.toArray(String[]::new));
	}

	/**
	 * Places all orders, and checks what is so on every store.
	 */
	private Written placeAll(List<SampleInstance> instances, Provider provider, Database database) {
		long start = System.nanoTime();
		ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + instances.size());
		try (HikariDataSource dataSource = database.dataSource()) {
			List<CompletableFuture<Void>> lives = instances.stream()
				.map((instance) -> CompletableFuture.runAsync(() -> killUntilPlaced(instance), threads))
				.toList();
			List<Answer> answers = placeAll(threads, (reference) -> {
				Answer answer = this.client.payUntilAnswered(reference, instances);
				this.placed.countDown();
				return answer;
			});
			lives.forEach(CompletableFuture::join);
			Written written = Written.in(JdbcClient.create(dataSource));
			List<Charge> charges = provider.ledger().newestFirst();
			List<Entry> journal = journal();
			System.out.printf(
					"%d orders in %d s, %s kills and %s halts %s: %s; %d reservations, %d charges, %d bookings%n",
					ORDERS, Duration.ofNanos(System.nanoTime() - start).toSeconds(), this.kills, this.halts,
					haltsByPlace(journal), this.client, written.reservations().size(), charges.size(),
					written.bookings().size());
			assertThat(answers).allMatch((answer) -> answer.status() == 201);
			assertThat(doneAgain(journal)).isEmpty();
			List<Order> orders = answers.stream().map(Answer::order).toList();
			assertThat(written.bookings()).containsAll(orders);
			assertThat(written.reservations()).extracting(Reservation::id)
				.containsAll(orders.stream().map(Order::reservation).toList());
			assertThat(charges).extracting(Charge::id)
				.containsExactlyInAnyOrderElementsOf(orders.stream().map(Order::charge).toList());
			assertThat(charges).extracting(Charge::reference).doesNotHaveDuplicates().hasSize(ORDERS);
			assertThat(placeAll(threads, (reference) -> this.client.payUntilAnswered(reference, instances)))
				.allMatch(Answer::replayed)
				.extracting(Answer::body)
				.isEqualTo(answers.stream().map(Answer::body).toList());
			assertThat(this.kills.sum() + this.halts.sum()).isPositive();
			return written;
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static List<Answer> placeAll(ExecutorService threads, Function<String, Answer> place) {
		List<CompletableFuture<Answer>> answers = IntStream.range(0, ORDERS)
			.mapToObj((i) -> CompletableFuture.supplyAsync(() -> place.apply("order-" + i), threads))
			.toList();
		return answers.stream().map(CompletableFuture::join).toList();
	}

	/**
	 * An instance lives for a number of orders, not for a time, unless it halts before:
	 * however slow the machine is, there is progress. It is left running in the end.
	 */
	private void killUntilPlaced(SampleInstance instance) {
		try {
			instance.start();
			long end = endOfNextLife();
			while (!this.placed.await(random(LONGEST_PAUSE_MILLIS), TimeUnit.MILLISECONDS) || !instance.isAlive()) {
				if (!instance.isAlive() || this.placed.getCount() <= end) {
					(instance.isAlive() ? this.kills : this.halts).increment();
					instance.kill();
					instance.start();
					end = endOfNextLife();
				}
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private long endOfNextLife() {
		return this.placed.getCount() - random(LONGEST_LIFE);
	}

	private static int random(int bound) {
		return ThreadLocalRandom.current().nextInt(bound);
	}

	private List<Entry> journal() {
		try (Stream<String> lines = Files.lines(this.journal)) {
			return lines.map(Entry::of).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Map<String, Long> haltsByPlace(List<Entry> journal) {
		return journal.stream()
			.filter(Entry::halts)
			.collect(Collectors.groupingBy(Entry::place, TreeMap::new, Collectors.counting()));
	}

	/**
	 * Returns where work began again although its result was kept.
	 */
	private static List<Entry> doneAgain(List<Entry> journal) {
		Set<List<String>> kept = new HashSet<>();
		List<Entry> again = new ArrayList<>();
		for (Entry entry : journal) {
			List<String> step = List.of(entry.key(), entry.step());
			if (entry.boundary() == Boundary.AFTER_STORED) {
				kept.add(step);
			}
			else if (entry.boundary() == Boundary.BEFORE_WORK && kept.contains(step)) {
				again.add(entry);
			}
		}
		return again;
	}

	/**
	 * The payment provider, and what it has charged.
	 */
	private record Provider(SampleInstance instance, ProviderLedger ledger) {
	}

	private interface Scenario {

		void run(Provider provider, Database database);

	}

	/**
	 * What the orders have left in their own database.
	 */
	private record Written(List<Reservation> reservations, List<Order> bookings) {

		static Written in(JdbcClient jdbc) {
			return new Written(jdbc.sql("select id, reference from reservation").query(Reservation.class).list(),
					new OrderLedger(jdbc).newestFirst());
		}

		Set<String> references() {
			return this.reservations.stream().map(Reservation::reference).collect(Collectors.toSet());
		}

		/**
		 * Returns how many times steps of an order were taken again.
		 */
		long doubled(String reference) {
			return this.reservations.stream().filter((reservation) -> reservation.reference().equals(reference)).count()
					+ this.bookings.stream().filter((order) -> order.reference().equals(reference)).count() - 2;
		}

	}

	record Reservation(UUID id, String reference) {
	}

}
