package io.idempotency.method;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContextHolder;
import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.testing.StatementLog;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Work in a database, and what is heard of it.
 */
class InboxLedger {

	static final String SCHEMA = "create table booking (name varchar(100) not null)";

	private final JdbcClient jdbc;

	private final Map<String, Hold> holds = new ConcurrentHashMap<>();

	InboxLedger(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Idempotent(key = "#key", transactional = true, operation = "book")
	@Transactional
	public void book(String key) {
		work(key);
	}

	@Idempotent(key = "#key", transactional = true, operation = "pay", fingerprint = "#amount",
			storedExceptions = Declined.class)
	public Receipt pay(String key, int amount) {
		work(key);
		if (amount < 0) {
			throw new Declined("not covered");
		}
		if (amount == 0) {
			throw new IllegalStateException("no amount");
		}
		return new Receipt(key, amount);
	}

	@Idempotent(key = "#key", operation = "leased", storedExceptions = Declined.class)
	public Receipt leased(String key, int amount) {
		work(key);
		if (amount < 0) {
			throw new Declined("not covered");
		}
		if (amount == 0) {
			throw new IllegalStateException("no amount");
		}
		return new Receipt(key, amount);
	}

	@Idempotent(key = "#key", operation = "apart")
	@Transactional(propagation = Propagation.REQUIRES_NEW)
	public Receipt apart(String key) {
		work(key);
		return new Receipt(key, 1);
	}

	/**
	 * Books, and then stays until it may end.
	 */
	void work(String key) {
		this.jdbc.sql("insert into booking values (?)").param(key).update();
		Hold hold = this.holds.remove(key);
		if (hold != null) {
			hold.context = IdempotencyContextHolder.getContext();
			hold.working.countDown();
			await(hold.mayEnd);
			if (hold.fails) {
				throw new IllegalStateException("the first fails");
			}
		}
	}

	Hold hold(String key, boolean fails) {
		Hold hold = new Hold(fails);
		this.holds.put(key, hold);
		return hold;
	}

	int bookings(String key) {
		return this.jdbc.sql("select count(*) from booking where name = ?").param(key).query(Integer.class).single();
	}

	static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static final class Hold {

		private final boolean fails;

		private final CountDownLatch working = new CountDownLatch(1);

		private final CountDownLatch mayEnd = new CountDownLatch(1);

		private volatile @Nullable IdempotencyContext context;

		Hold(boolean fails) {
			this.fails = fails;
		}

		Hold awaitWork() {
			InboxLedger.await(this.working);
			return this;
		}

		void end() {
			this.mayEnd.countDown();
		}

		@Nullable IdempotencyContext context() {
			return this.context;
		}

	}

	record Receipt(String key, int amount) {
	}

	static class Declined extends RuntimeException {

		@JsonCreator
		Declined(@JsonProperty("message") String message) {
			super(message);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Setup {

		final List<IdempotencyEvent> events = new CopyOnWriteArrayList<>();

		@Bean
		static BeanPostProcessor statementLog() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String beanName) {
					return (bean instanceof HikariDataSource dataSource) ? new StatementLog(dataSource) : bean;
				}

			};
		}

		@Bean
		InboxLedger ledger(JdbcClient jdbc) {
			jdbc.sql(SCHEMA).update();
			return new InboxLedger(jdbc);
		}

		@Bean
		IdempotencyListener hearing() {
			return new IdempotencyListener() {

				@Override
				public void onRequest(IdempotencyEvent event) {
					Setup.this.events.add(event);
				}

			};
		}

		List<RequestOutcome> outcomes(String operation, String key) {
			return this.events.stream()
				.filter((event) -> CallKeys.recordKey(operation, key).equals(event.recordKey()))
				.map(IdempotencyEvent::outcome)
				.toList();
		}

	}

}
