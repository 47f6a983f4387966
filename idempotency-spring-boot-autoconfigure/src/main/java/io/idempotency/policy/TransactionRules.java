package io.idempotency.policy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.TransactionalIdempotencyStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Checks whether methods that commit their work together with their outcome can do so.
 */
final class TransactionRules {

	private static final Log logger = LogFactory.getLog(TransactionRules.class);

	private static final String TOGETHER = "is to commit its work together with its response";

	/**
	 * The stores whose transactions have been tested.
	 */
	private final Set<IdempotencyStore> tried = ConcurrentHashMap.newKeySet();

	/**
	 * Requires that a method can run in a transaction of the store.
	 * @throws InvalidIdempotencyConfigurationException if it cannot
	 */
	void require(MethodDescription method, IdempotencyStore store) {
		requireTransactions("The handler " + method, store);
		requireSynchronous(method);
	}

	/**
	 * Requires that a store has transactions.
	 * @param name the name of what needs transactions, for messages
	 */
	void requireTransactions(String name, IdempotencyStore store) {
		requireTransactions(name, TOGETHER, "transactional", store);
	}

	/**
	 * Requires that a store has transactions for steps.
	 * @param name the name of what takes the steps, for messages
	 */
	void requireTransactionsOfSteps(String name, IdempotencyStore store) {
		requireTransactions(name, "is to commit each of its steps together with its result",
				"steps = StepMode.TRANSACTIONAL", store);
	}

	private void requireTransactions(String name, String purpose, String attribute, IdempotencyStore store) {
		if (!(store instanceof TransactionalIdempotencyStore transactions)) {
			throw new InvalidIdempotencyConfigurationException(
					"%s %s, but %s has no transactions.".formatted(name, purpose, store.getClass().getSimpleName()),
					"Keep responses in the database that the handler writes to (idempotency.store=jdbc), or remove "
							+ attribute + " from @Idempotent.");
		}
		if (!transactions.isTransactional()) {
			throw new InvalidIdempotencyConfigurationException(
					"%s %s, but there is no transaction manager.".formatted(name, purpose),
					"Declare a PlatformTransactionManager for the store's database, and mark it with @Primary if there"
							+ " are several.");
		}
		if (this.tried.add(store)) {
			requireTransactionsOfStore(name, purpose, transactions);
		}
	}

	/**
	 * Tests whether the transaction manager manages the store's database. This is not an
	 * error if the database does not answer, because it may be available later. A thread
	 * that is already in a transaction of the store needs no test.
	 */
	private static void requireTransactionsOfStore(String name, String purpose,
			TransactionalIdempotencyStore transactions) {
		if (transactions.isInTransaction()) {
			return;
		}
		try {
			transactions.begin().rollback();
		}
		catch (IllegalStateException ex) {
			throw new InvalidIdempotencyConfigurationException("%s %s: %s.".formatted(name, purpose, ex.getMessage()),
					"Use the transaction manager of the DataSource that the store uses.");
		}
		catch (RuntimeException ex) {
			logger.debug("The database does not answer, and transactions cannot be tested", ex);
		}
	}

	/**
	 * Requires that a method is synchronous, because a transaction is bound to the thread
	 * that runs the method.
	 */
	private static void requireSynchronous(MethodDescription method) {
		if (method.resultKind() != ResultKind.SYNCHRONOUS) {
			throw new InvalidIdempotencyConfigurationException(
					"The handler %s is asynchronous, and its work cannot be committed together with its response."
						.formatted(method),
					"Return the response itself, or turn transactional off, or mark the handler with"
							+ " @IdempotencyExempt.");
		}
	}

}
