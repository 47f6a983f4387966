package io.idempotency.jdbc;

import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.idempotency.Idempotent;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a handler does by JPA is committed together with its response.
 */
@ParameterizedClass
@CsvSource({ "POSTGRESQL, true", "POSTGRESQL, false", "MARIADB, true", "H2, true" })
class JpaTransactionIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final Map<String, TestApp> APPS = new HashMap<>();

	private final TestApp app;

	JpaTransactionIntegrationTests(DatabaseKind database, boolean openInView) {
		this.app = APPS.computeIfAbsent(database + " " + openInView, (name) -> start(database, openInView));
	}

	private static TestApp start(DatabaseKind database, boolean openInView) {
		return TestApp.start(List.of(Shop.class, Orders.class), Stream
			.concat(Stream.of(database.newDatabase().properties()), Stream.of("test.jpa=true", "idempotency.store=jdbc",
					"spring.datasource.hikari.connection-timeout=5000", "idempotency.jdbc.initialize-schema=always",
					"spring.jpa.hibernate.ddl-auto=update", "spring.jpa.open-in-view=" + openInView))
			.toArray(String[]::new));
	}

	@AfterAll
	static void stop() {
		APPS.values().forEach(TestApp::close);
		APPS.clear();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/orders", "/orders-by-hand", "/orders-in-transaction", "/orders-changed-later" })
	void commitsEntityAndResponseTogether(String path) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post(path, key, "{}");
		assertThat(first.statusCode()).isEqualTo(201);
		HttpResponse<byte[]> retry = this.app.post(path, key, "{}");
		assertThat(TestApp.text(retry)).isEqualTo(TestApp.text(first)).isEqualTo("ordered by run 1");
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).contains("true");
		assertThat(orders(key)).isEqualTo(1);
	}

	@Test
	void rollsEntityBackWithFailure() {
		String key = TestApp.newKey();
		// More often than the pool has connections.
		for (int run = 1; run <= 20; run++) {
			assertThat(this.app.post("/failures", key, "{}").statusCode()).isEqualTo(500);
			assertThat(orders(key)).isZero();
			assertThat(RUNS.count(key)).isEqualTo(run);
		}
	}

	@Test
	void leavesToTransactionOfItsOwnWhatHandlerCommitsItself() {
		String key = TestApp.newKey();
		assertThat(this.app.post("/logs-and-fails", key, "{}").statusCode()).isEqualTo(500);
		assertThat(orders(key)).isEqualTo(1);
	}

	/**
	 * The entity reaches the database at the commit, after the handler has answered.
	 */
	@Test
	void answersErrorWhenFlushAtCommitFails() {
		String key = TestApp.newKey();
		assertThat(this.app.post("/orders", key, "{}").statusCode()).isEqualTo(201);
		String duplicate = TestApp.newKey();
		for (int run = 1; run <= 2; run++) {
			HttpResponse<byte[]> answer = this.app.post("/duplicates", duplicate, "{}", "X-Of", key);
			assertThat(answer.statusCode()).isEqualTo(409);
			assertThat(TestApp.text(answer)).isEqualTo("The application says: duplicate");
			assertThat(answer.headers().firstValue("X-Run")).isEmpty();
			assertThat(RUNS.count(duplicate)).as("the key is free").isEqualTo(run);
		}
		assertThat(orders(key)).isEqualTo(1);
		assertThat(orders(duplicate)).isZero();
		assertThat(this.app.post("/orders", duplicate, "{}").statusCode()).isEqualTo(201);
		assertThat(orders(duplicate)).isEqualTo(1);
	}

	private int orders(String key) {
		return this.app.bean(JdbcClient.class)
			.sql("select count(*) from purchase where reference like :key")
			.param("key", key + "%")
			.query(Integer.class)
			.single();
	}

	/**
	 * Its number comes from a sequence, so that it is inserted when it is flushed.
	 */
	@Entity
	@Table(name = "purchase")
	static class Purchase {

		@Id
		@GeneratedValue(strategy = GenerationType.TABLE)
		@Nullable Long id;

		@Column(unique = true, length = 80)
		String reference = "";

	}

	interface Purchases extends JpaRepository<Purchase, Long> {

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@EnableJpaRepositories(considerNestedRepositories = true)
	static class Shop {

		@Bean
		static Desk desk(Purchases purchases) {
			return new Desk(purchases);
		}

	}

	static class Desk {

		private final Purchases purchases;

		Desk(Purchases purchases) {
			this.purchases = purchases;
		}

		@Transactional
		public Purchase order(String reference) {
			Purchase purchase = new Purchase();
			purchase.reference = reference;
			return this.purchases.save(purchase);
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void log(String reference) {
			order(reference);
		}

	}

	@RestController
	@Idempotent(transactional = true)
	static class Orders {

		private final Desk desk;

		private final Purchases purchases;

		Orders(Desk desk, Purchases purchases) {
			this.desk = desk;
			this.purchases = purchases;
		}

		@PostMapping("/orders")
		ResponseEntity<String> order(@RequestHeader("Idempotency-Key") String key) {
			this.desk.order(key);
			return ordered(key);
		}

		@PostMapping("/orders-by-hand")
		ResponseEntity<String> orderByHand(@RequestHeader("Idempotency-Key") String key) {
			Purchase purchase = new Purchase();
			purchase.reference = key;
			this.purchases.save(purchase);
			return ordered(key);
		}

		@Transactional
		@PostMapping("/orders-in-transaction")
		public ResponseEntity<String> orderInTransaction(@RequestHeader("Idempotency-Key") String key) {
			return orderByHand(key);
		}

		/**
		 * The entity belongs to the handler's transaction, and is watched until its end.
		 */
		@PostMapping("/orders-changed-later")
		ResponseEntity<String> orderAndChange(@RequestHeader("Idempotency-Key") String key) {
			Purchase purchase = this.desk.order("draft");
			this.purchases.flush();
			purchase.reference = key;
			return ordered(key);
		}

		@PostMapping("/failures")
		ResponseEntity<String> fail(@RequestHeader("Idempotency-Key") String key) {
			RUNS.next(key);
			this.desk.order(key);
			this.purchases.flush();
			throw new IllegalStateException("The handler fails");
		}

		@PostMapping("/logs-and-fails")
		ResponseEntity<String> logAndFail(@RequestHeader("Idempotency-Key") String key) {
			this.desk.log(key + " log");
			this.desk.order(key);
			throw new IllegalStateException("The handler fails");
		}

		@PostMapping("/duplicates")
		ResponseEntity<String> duplicate(@RequestHeader("Idempotency-Key") String key,
				@RequestHeader("X-Of") String other) {
			this.desk.order(other);
			return ordered(key);
		}

		private static ResponseEntity<String> ordered(String key) {
			int run = RUNS.next(key);
			return ResponseEntity.status(201).header("X-Run", "set").body("ordered by run " + run);
		}

		@ExceptionHandler
		ResponseEntity<String> answer(DataIntegrityViolationException ex) {
			return ResponseEntity.status(409).body("The application says: duplicate");
		}

	}

}
