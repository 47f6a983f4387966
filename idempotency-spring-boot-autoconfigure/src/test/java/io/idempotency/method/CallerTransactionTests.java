package io.idempotency.method;

import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * V1: a call within a transaction of its caller is not done before that is committed.
 */
@Tag("quick")
class CallerTransactionTests {

	private static final Runs RUNS = new Runs();

	private static Worker worker;

	private static Payments payments;

	@BeforeAll
	static void start() {
		worker = Worker.start(List.of(Methods.class), StoreKind.MEMORY);
		payments = worker.bean(Payments.class);
	}

	@AfterAll
	static void stop() {
		assertThat(worker.bean(IdempotencyEngine.class).leasesHeld()).as("leases left").isZero();
		worker.close();
	}

	@Test
	@DisplayName("V1: until the caller's transaction is committed, the call is in progress; then it is done")
	void storesResultAfterCommit() {
		String key = TestApp.newKey();
		inTransaction(false, () -> {
			payments.pay(key);
			assertThatExceptionOfType(IdempotencyInProgressException.class).isThrownBy(() -> payments.pay(key));
		});
		payments.pay(key);
		assertThat(RUNS.count(key)).isOne();
	}

	@Test
	@DisplayName("V1: a caller's transaction that is rolled back frees the key")
	void freesKeyAfterRollback() {
		String key = TestApp.newKey();
		inTransaction(true, () -> payments.pay(key));
		payments.pay(key);
		assertThat(RUNS.count(key)).isEqualTo(2);
	}

	@Test
	@DisplayName("V1: a commit of which nobody knows leaves the key to its lease")
	void abandonsKeyAfterUnknownCommit() {
		String key = TestApp.newKey();
		worker.bean(FailingTransactions.class).failCommits = true;
		try {
			assertThatExceptionOfType(TransactionSystemException.class)
				.isThrownBy(() -> inTransaction(false, () -> payments.pay(key)));
		}
		finally {
			worker.bean(FailingTransactions.class).failCommits = false;
		}
		assertThatExceptionOfType(IdempotencyInProgressException.class).isThrownBy(() -> payments.pay(key));
		assertThat(RUNS.count(key)).isOne();
	}

	@Test
	@DisplayName("V1: work in a transaction of its own is done when that is, whatever becomes of the caller's")
	void ownTransactionDoesNotFollowCallers() {
		String key = TestApp.newKey();
		inTransaction(true, () -> payments.payApart(key));
		payments.payApart(key);
		assertThat(RUNS.count(key)).isOne();
	}

	@Test
	@DisplayName("@Transactional stands inside: its commit comes before the result is stored")
	void transactionStandsInside() {
		String key = TestApp.newKey();
		FailingTransactions transactions = worker.bean(FailingTransactions.class);
		transactions.failCommits = true;
		try {
			assertThatExceptionOfType(TransactionSystemException.class).isThrownBy(() -> payments.payWithin(key));
		}
		finally {
			transactions.failCommits = false;
		}
		assertThat(payments.payWithin(key)).as("the failed commit freed the key").isEqualTo("in transaction 2");
		assertThat(payments.payWithin(key)).isEqualTo("in transaction 2");
	}

	private static void inTransaction(boolean rollback, Runnable work) {
		new TransactionTemplate(worker.bean(PlatformTransactionManager.class)).executeWithoutResult((status) -> {
			work.run();
			if (rollback) {
				status.setRollbackOnly();
			}
		});
	}

	static class Payments {

		@Idempotent(key = "#key")
		void pay(String key) {
			RUNS.next(key);
		}

		@Idempotent(key = "#key")
		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void payApart(String key) {
			RUNS.next(key);
		}

		@Idempotent(key = "#key")
		@Transactional
		public String payWithin(String key) {
			return (TransactionSynchronizationManager.isActualTransactionActive() ? "in transaction " : "apart ")
					+ RUNS.next(key);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class Methods {

		@Bean
		Payments payments() {
			return new Payments();
		}

		@Bean
		FailingTransactions transactions() {
			return new FailingTransactions();
		}

	}

}
