package io.idempotency.method;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * V1: a call with a lease is settled when the transaction of its caller has ended.
 */
class CallerTransactionIntegrationTests {

	@ParameterizedTest
	@EnumSource(names = { "MEMORY", "REDIS" })
	@DisplayName("V1: committed, the outcome is stored; rolled back, the key is free; unknown, the lease lapses")
	void settlesAfterTransaction(StoreKind store) {
		try (Worker worker = Worker.start(List.of(), store, "idempotency.lease-duration=30s")) {
			IdempotencyOperations operations = worker.bean(IdempotencyOperations.class);
			FailingTransactions transactions = new FailingTransactions();
			AtomicInteger runs = new AtomicInteger();
			String key = TestApp.newKey();
			TransactionTemplate template = new TransactionTemplate(transactions);
			template.executeWithoutResult((status) -> {
				run(operations, key, runs);
				status.setRollbackOnly();
			});
			assertThat(template.<Integer>execute((status) -> {
				Integer result = run(operations, key, runs);
				assertThatExceptionOfType(IdempotencyInProgressException.class).as("not committed yet")
					.isThrownBy(() -> run(operations, key, runs));
				return result;
			})).isEqualTo(2);
			assertThat(run(operations, key, runs)).isEqualTo(2);

			String unknown = TestApp.newKey();
			transactions.failCommits = true;
			assertThatExceptionOfType(TransactionSystemException.class)
				.isThrownBy(() -> template.executeWithoutResult((status) -> run(operations, unknown, runs)));
			assertThatExceptionOfType(IdempotencyInProgressException.class)
				.isThrownBy(() -> run(operations, unknown, runs));
			assertThat(worker.bean(IdempotencyEngine.class).leasesHeld()).isZero();
		}
	}

	private static Integer run(IdempotencyOperations operations, String key, AtomicInteger runs) {
		return Objects.requireNonNull(operations.<Integer, RuntimeException>execute("settled", key, Integer.class,
				(context) -> runs.incrementAndGet()));
	}

}
