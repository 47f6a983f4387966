package io.idempotency.method;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import javax.sql.DataSource;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * V1: what becomes of work in the transaction of its caller.
 */
@Tag("quick")
class SpringTransactionTests {

	private static final DataSource DATABASE = new DriverManagerDataSource("jdbc:h2:mem:transactions");

	private final SpringTransaction transaction = new SpringTransaction();

	private final JdbcTransactionManager transactions = new JdbcTransactionManager(DATABASE);

	private final TransactionTemplate outer = new TransactionTemplate(this.transactions);

	private final TransactionTemplate nested = new TransactionTemplate(this.transactions);

	private final List<String> ends = new ArrayList<>();

	SpringTransactionTests() {
		this.nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
	}

	@Test
	void workIsRolledBackWithSavepointFromBeforeIt() {
		this.outer.executeWithoutResult((status) -> this.nested.executeWithoutResult((inner) -> {
			work();
			inner.setRollbackOnly();
		}));
		assertThat(this.ends).containsExactly("rolled back");
	}

	@Test
	void workIsNotRolledBackWithSavepointFromAfterIt() {
		this.outer.executeWithoutResult((status) -> {
			work();
			this.nested.executeWithoutResult((inner) -> inner.setRollbackOnly());
		});
		assertThat(this.ends).containsExactly("committed");
	}

	@ParameterizedTest
	@CsvSource({ "plain,true", "joins,true", "apart,false", "apartByJakarta,false", "neverByJakarta,false" })
	void methodJoinsUnlessItsPropagationSaysOtherwise(String name, boolean joins) {
		Method method = Objects.requireNonNull(ReflectionUtils.findMethod(Work.class, name));
		assertThat(this.transaction.isJoinedBy(method, Work.class)).isEqualTo(joins);
	}

	private void work() {
		assertThat(this.transaction.isActive()).isTrue();
		this.transaction.whenEnded(new CallerTransaction.End() {

			@Override
			public void committed() {
				SpringTransactionTests.this.ends.add("committed");
			}

			@Override
			public void rolledBack() {
				SpringTransactionTests.this.ends.add("rolled back");
			}

			@Override
			public void unknown() {
				SpringTransactionTests.this.ends.add("unknown");
			}

		});
	}

	static class Work {

		public void plain() {
		}

		@Transactional
		public void joins() {
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void apart() {
		}

		@jakarta.transaction.Transactional(jakarta.transaction.Transactional.TxType.REQUIRES_NEW)
		public void apartByJakarta() {
		}

		@jakarta.transaction.Transactional(jakarta.transaction.Transactional.TxType.NEVER)
		public void neverByJakarta() {
		}

	}

}
