package io.idempotency.method;

import java.lang.reflect.Method;

/**
 * The transaction in which a call is made, if there is one. The work of the call has no
 * effect until this transaction is committed.
 */
interface CallerTransaction {

	/**
	 * Used if transactions are not available.
	 */
	CallerTransaction NONE = new CallerTransaction() {

		@Override
		public boolean isActive() {
			return false;
		}

		@Override
		public boolean isJoinedBy(Method method, Class<?> beanType) {
			return true;
		}

		@Override
		public void whenEnded(End end) {
			throw new IllegalStateException("There is no transaction");
		}

	};

	/**
	 * Returns whether the calling thread is in a transaction.
	 */
	boolean isActive();

	/**
	 * Returns whether a method joins the transaction of its caller. Otherwise, its work
	 * has had its effect when it returns, even if the transaction of the caller is rolled
	 * back.
	 */
	boolean isJoinedBy(Method method, Class<?> beanType);

	/**
	 * Registers a callback for the end of the calling thread's transaction. It runs on
	 * the thread that ends the transaction.
	 */
	void whenEnded(End end);

	/**
	 * A callback for the end of a transaction.
	 */
	interface End {

		void committed();

		void rolledBack();

		/**
		 * Called if it is unknown whether the transaction was committed or rolled back.
		 */
		void unknown();

	}

}
