package io.idempotency.sample;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * The service, which halts or holds a request at the {@link Moment} that it names.
 */
final class HaltingSample {

	private HaltingSample() {
	}

	public static void main(String[] args) {
		SpringApplication.run(new Class<?>[] { SampleApplication.class, Moments.class }, args);
	}

	/**
	 * Not annotated, so that tests which scan this package do not find it.
	 */
	static class Moments {

		@Bean
		TransactionExecutionListener transactionMoments() {
			return new TransactionMoments();
		}

		@Bean
		@Primary
		PaymentLedger haltingLedger(JdbcClient jdbc) {
			return new HaltingLedger(jdbc);
		}

	}

	static class TransactionMoments implements TransactionExecutionListener {

		@Override
		public void beforeBegin(TransactionExecution transaction) {
			Moment.AFTER_CLAIM.reached();
		}

		@Override
		public void beforeCommit(TransactionExecution transaction) {
			Moment.BEFORE_COMMIT.reached();
		}

		@Override
		public void afterCommit(TransactionExecution transaction, @Nullable Throwable failure) {
			Moment.AFTER_COMMIT.reached();
		}

	}

	static class HaltingLedger extends PaymentLedger {

		HaltingLedger(JdbcClient jdbc) {
			super(jdbc);
		}

		@Override
		void add(Payment payment) {
			super.add(payment);
			Moment.IN_HANDLER.reached();
		}

	}

}
