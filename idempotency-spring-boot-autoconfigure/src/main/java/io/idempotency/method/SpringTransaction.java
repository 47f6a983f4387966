package io.idempotency.method;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction that Spring manages for the calling thread.
 */
final class SpringTransaction implements CallerTransaction {

	private final AnnotationTransactionAttributeSource annotations = new AnnotationTransactionAttributeSource(false);

	@Override
	public boolean isActive() {
		return TransactionSynchronizationManager.isActualTransactionActive()
				&& TransactionSynchronizationManager.isSynchronizationActive();
	}

	@Override
	public boolean isJoinedBy(Method method, Class<?> beanType) {
		TransactionAttribute attribute = this.annotations.getTransactionAttribute(method, beanType);
		return attribute == null || switch (attribute.getPropagationBehavior()) {
			case TransactionDefinition.PROPAGATION_REQUIRES_NEW, TransactionDefinition.PROPAGATION_NOT_SUPPORTED,
					TransactionDefinition.PROPAGATION_NEVER ->
				false;
			default -> true;
		};
	}

	@Override
	public void whenEnded(End end) {
		TransactionSynchronizationManager.registerSynchronization(new Synchronization(end));
	}

	/**
	 * Tells how the transaction ended for work that was done in it before. If the
	 * transaction is rolled back to a savepoint from before the work, it is rolled back
	 * for the work, even if it is committed later.
	 */
	private static final class Synchronization implements TransactionSynchronization {

		private final End end;

		private final List<Object> laterSavepoints = new ArrayList<>();

		private boolean rolledBack;

		Synchronization(End end) {
			this.end = end;
		}

		@Override
		public void savepoint(Object savepoint) {
			this.laterSavepoints.add(savepoint);
		}

		@Override
		public void savepointRollback(Object savepoint) {
			this.rolledBack |= this.laterSavepoints.stream().noneMatch((later) -> later == savepoint);
		}

		@Override
		public void afterCompletion(int status) {
			if (status == STATUS_ROLLED_BACK || (status == STATUS_COMMITTED && this.rolledBack)) {
				this.end.rolledBack();
			}
			else if (status == STATUS_COMMITTED) {
				this.end.committed();
			}
			else {
				this.end.unknown();
			}
		}

	}

}
