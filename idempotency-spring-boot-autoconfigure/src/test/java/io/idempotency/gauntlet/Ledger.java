package io.idempotency.gauntlet;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.idempotency.testing.Runs;
import jakarta.persistence.EntityManagerFactory;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What handlers do to the world: they charge. A charge is counted and, where there is a
 * database, written to it; its name is the header {@code X-Run}. With the header
 * {@code X-Gate} it takes until a test lets it end.
 */
@Import(Runs.class)
class Ledger {

	private final Map<String, Semaphore> entered = new ConcurrentHashMap<>();

	private final Map<String, Semaphore> open = new ConcurrentHashMap<>();

	private final Runs runs;

	private final ObjectProvider<JdbcClient> database;

	private final ObjectProvider<EntityManagerFactory> entities;

	Ledger(Runs runs, ObjectProvider<JdbcClient> database, ObjectProvider<EntityManagerFactory> entities) {
		this.runs = runs;
		this.database = database;
		this.entities = entities;
	}

	/**
	 * Charges, and shows in a header what a handler sees of its surroundings.
	 */
	void charge() {
		ServletRequestAttributes attributes = attributes();
		HttpServletResponse response = Objects.requireNonNull(attributes.getResponse());
		response.setHeader("X-Seen", surroundings(attributes.getRequest()));
		later().run();
	}

	/**
	 * Returns the charge of the current request, for another thread.
	 */
	Runnable later() {
		HttpServletRequest request = attributes().getRequest();
		String run = Objects.requireNonNull(request.getHeader("X-Run"));
		String gate = request.getHeader("X-Gate");
		return () -> {
			this.runs.next(run);
			this.database.ifAvailable(
					(client) -> client.sql("insert into charge (run) values (:run)").param("run", run).update());
			if (gate != null) {
				pass(gate);
			}
		};
	}

	private String surroundings(HttpServletRequest request) {
		String entityManager = "none";
		EntityManagerFactory factory = this.entities.getIfAvailable();
		if (factory != null) {
			Object holder = TransactionSynchronizationManager.getResource(factory);
			entityManager = (holder instanceof EntityManagerHolder bound) ? "open=" + bound.getEntityManager().isOpen()
					: "unbound";
		}
		return "tenant " + Tenants.current() + ", user " + request.getRemoteUser() + ", entity manager "
				+ entityManager;
	}

	private void pass(String gate) {
		gate(this.entered, gate).release();
		try {
			assertThat(gate(this.open, gate).tryAcquire(60, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	void awaitEntered(String gate) {
		await().until(() -> gate(this.entered, gate).tryAcquire());
	}

	boolean isEntered(String gate) {
		return gate(this.entered, gate).availablePermits() > 0;
	}

	void open(String gate) {
		gate(this.open, gate).release(100);
	}

	int runs(String run) {
		return this.runs.count(run);
	}

	/**
	 * Returns how many charges are in the database, or {@code null} without one.
	 */
	@Nullable Integer rows(String run) {
		JdbcClient client = this.database.getIfAvailable();
		return (client != null) ? client.sql("select count(*) from charge where run = :run")
			.param("run", run)
			.query(Integer.class)
			.single() : null;
	}

	private static ServletRequestAttributes attributes() {
		return (ServletRequestAttributes) RequestContextHolder.currentRequestAttributes();
	}

	private static Semaphore gate(Map<String, Semaphore> gates, String name) {
		return gates.computeIfAbsent(name, (newName) -> new Semaphore(0));
	}

}
