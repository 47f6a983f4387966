package io.idempotency.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.StepEvent;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * The service, which halts at random on either side of the boundaries of the steps of an
 * order.
 */
final class HaltingOrders {

	/**
	 * The file that gets a line for each boundary that is reached, before anything that
	 * comes behind it. Processes share it.
	 */
	static final String JOURNAL_PROPERTY = "journal";

	private static final int BOUNDARIES_PER_HALT = 200;

	private HaltingOrders() {
	}

	public static void main(String[] args) {
		SpringApplication.run(new Class<?>[] { SampleApplication.class, Beans.class }, args);
	}

	/**
	 * What may come between the work of a step and the next one.
	 */
	enum Boundary {

		/**
		 * Nothing of the step was done.
		 */
		BEFORE_WORK,

		/**
		 * The work was done, or rather waits for its commit, if it has a transaction.
		 */
		AFTER_WORK,

		/**
		 * Only where steps have transactions: this one has the work and its result.
		 */
		BEFORE_COMMIT,

		/**
		 * The result is kept.
		 */
		AFTER_STORED

	}

	/**
	 * A line of the journal.
	 *
	 * @param key the key of the request
	 * @param halts whether the process ends here
	 */
	record Entry(String key, String step, Boundary boundary, boolean halts) {

		static Entry of(String line) {
			String[] parts = line.split(" ");
			return new Entry(parts[0], parts[1], Boundary.valueOf(parts[2]), Boolean.parseBoolean(parts[3]));
		}

		String line() {
			return String.join(" ", this.key, this.step, this.boundary.name(), this.halts + "\n");
		}

		String place() {
			return this.step + " " + this.boundary.name().toLowerCase(Locale.ROOT).replace('_', ' ');
		}

	}

	/**
	 * Not annotated, so that tests which scan this package do not find it.
	 */
	static class Beans {

		@Bean
		Halts halts(@Value("${" + JOURNAL_PROPERTY + "}") Path journal) {
			return new Halts(journal);
		}

		@Bean
		@Primary
		OrderLedger haltingLedger(JdbcClient jdbc, Halts halts) {
			return new HaltingLedger(jdbc, halts);
		}

		@Bean
		@Primary
		PaymentProvider haltingProvider(Environment environment, Halts halts) {
			return new HaltingProvider(environment, halts);
		}

		@Bean
		TransactionExecutionListener haltingTransactions(Halts halts) {
			return new HaltingTransactions(halts);
		}

		@Bean
		IdempotencyListener haltingListener(Halts halts) {
			return new HaltingListener(halts);
		}

	}

	/**
	 * Halts the process at one of many boundaries, from when the test has noticed that it
	 * has started: before, it would take the halt for a failure to start.
	 */
	static class Halts {

		private final Path journal;

		Halts(Path journal) {
			this.journal = journal;
		}

		void reached(String step, Boundary boundary) {
			boolean halt = ThreadLocalRandom.current().nextInt(BOUNDARIES_PER_HALT) == 0
					&& Files.exists(Path.of(SampleInstance.STARTED));
			try {
				Files.writeString(this.journal, new Entry(key(), step, boundary, halt).line(),
						StandardOpenOption.APPEND);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			if (halt) {
				Runtime.getRuntime().halt(137);
			}
		}

		private static String key() {
			return (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)
					? String.valueOf(attributes.getRequest().getHeader("Idempotency-Key")) : "none";
		}

	}

	static class HaltingLedger extends OrderLedger {

		private final Halts halts;

		HaltingLedger(JdbcClient jdbc, Halts halts) {
			super(jdbc);
			this.halts = halts;
		}

		@Override
		UUID reserve(PaymentRequest request) {
			this.halts.reached("reserve", Boundary.BEFORE_WORK);
			UUID reservation = super.reserve(request);
			this.halts.reached("reserve", Boundary.AFTER_WORK);
			return reservation;
		}

		@Override
		Order book(PaymentRequest request, UUID reservation, Charge charge) {
			this.halts.reached("book", Boundary.BEFORE_WORK);
			Order order = super.book(request, reservation, charge);
			this.halts.reached("book", Boundary.AFTER_WORK);
			return order;
		}

	}

	static class HaltingProvider extends PaymentProvider {

		private final Halts halts;

		HaltingProvider(Environment environment, Halts halts) {
			super(environment);
			this.halts = halts;
		}

		@Override
		Charge capture(PaymentRequest request, String key) {
			this.halts.reached("capture", Boundary.BEFORE_WORK);
			Charge charge = super.capture(request, key);
			this.halts.reached("capture", Boundary.AFTER_WORK);
			return charge;
		}

	}

	static class HaltingTransactions implements TransactionExecutionListener {

		private final Halts halts;

		HaltingTransactions(Halts halts) {
			this.halts = halts;
		}

		@Override
		public void beforeCommit(TransactionExecution transaction) {
			this.halts.reached("any", Boundary.BEFORE_COMMIT);
		}

	}

	static class HaltingListener implements IdempotencyListener {

		private final Halts halts;

		HaltingListener(Halts halts) {
			this.halts = halts;
		}

		@Override
		public void onStep(StepEvent event) {
			if (!event.resumed()) {
				this.halts.reached(event.step(), Boundary.AFTER_STORED);
			}
		}

	}

}
