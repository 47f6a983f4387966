package io.idempotency.method;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction that Spring manages for the calling thread.
 */
final class SpringTransaction implements CallerTransaction {

	@Override
	public boolean isActive() {
		return TransactionSynchronizationManager.isActualTransactionActive()
				&& TransactionSynchronizationManager.isSynchronizationActive();
	}

	@Override
	public void whenEnded(End end) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int status) {
				switch (status) {
					case STATUS_COMMITTED -> end.committed();
					case STATUS_ROLLED_BACK -> end.rolledBack();
					default -> end.unknown();
				}
			}

		});
	}

}
