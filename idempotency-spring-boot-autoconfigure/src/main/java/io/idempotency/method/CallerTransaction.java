package io.idempotency.method;

/**
 * The transaction in which a call is made, if there is one. Its work is not done before
 * it is committed.
 */
interface CallerTransaction {

	/**
	 * There are no transactions.
	 */
	CallerTransaction NONE = new CallerTransaction() {

		@Override
		public boolean isActive() {
			return false;
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
	 * Calls back when the transaction of the calling thread has ended, on whatever thread
	 * ends it.
	 */
	void whenEnded(End end);

	/**
	 * How a transaction ended.
	 */
	interface End {

		void committed();

		void rolledBack();

		/**
		 * Nobody knows which of the two.
		 */
		void unknown();

	}

}
