package io.idempotency.jdbc;

import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the store does beside the JPA transactions and the connections of its callers.
 */
@ExtendWith(OutputCaptureExtension.class)
class JpaCallerIntegrationTests {

	private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofMinutes(1), null);

	private static final Runs RUNS = new Runs();

	@ParameterizedTest
	@CsvSource({ "POSTGRESQL, true", "POSTGRESQL, false", "MARIADB, true", "MARIADB, false", "H2, true", "H2, false" })
	void storeIsNoPartOfCallersTransaction(DatabaseKind kind, boolean autoCommit) throws Exception {
		Database database = kind.newDatabase();
		try (TestApp app = start(database, "spring.datasource.hikari.auto-commit=" + autoCommit)) {
			JdbcIdempotencyStore store = app.bean(JdbcIdempotencyStore.class);
			Lease lease = Lease.of(RecordKey.random());
			new TransactionTemplate(app.bean(PlatformTransactionManager.class)).executeWithoutResult((status) -> {
				app.bean(Invoices.class).save("half done");
				assertThat(store.acquire(lease, Fingerprint.ANY, TERMS)).isInstanceOf(Acquisition.Acquired.class);
				assertThat(store.renew(lease, TERMS)).isTrue();
				assertThat(invoices(database)).as("the caller's work is not committed").isZero();
				status.setRollbackOnly();
			});
			assertThat(invoices(database)).isZero();
			assertThat(store.find(lease.key()).map(StoredRecord::content)).as("the claim is not rolled back")
				.containsInstanceOf(Acquisition.InProgress.class);
		}
	}

	/**
	 * An open EntityManager holds its connection beyond the transaction.
	 */
	@Test
	void failedCommitTakesNoSecondConnection(CapturedOutput output) {
		Database database = DatabaseKind.POSTGRESQL.newDatabase();
		try (TestApp app = start(database, "spring.datasource.hikari.maximum-pool-size=1",
				"spring.datasource.hikari.connection-timeout=1000", "spring.jpa.open-in-view=true")) {
			assertThat(app.post("/invoices", TestApp.newKey(), "one").statusCode()).isEqualTo(200);
			String key = TestApp.newKey();
			for (int run = 1; run <= 3; run++) {
				HttpResponse<byte[]> answer = app.post("/invoices", key, "one");
				assertThat(answer.statusCode()).isEqualTo(409);
				assertThat(TestApp.text(answer)).isEqualTo("There is one already");
				assertThat(RUNS.count(key)).as("the key is free").isEqualTo(run);
			}
			assertThat(output).doesNotContain("The store failed to", "is not available");
		}
	}

	private static int invoices(Database database) {
		try (Connection connection = database.connect();
				var result = connection.createStatement().executeQuery("select count(*) from invoice")) {
			result.next();
			return result.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static TestApp start(Database database, String... more) {
		List<String> properties = new ArrayList<>(List.of(database.properties()));
		properties.addAll(List.of("test.jpa=true", "idempotency.store=jdbc",
				"idempotency.jdbc.initialize-schema=always", "spring.jpa.hibernate.ddl-auto=update"));
		properties.addAll(List.of(more));
		return TestApp.start(List.of(Shop.class, Invoices.class), properties.toArray(String[]::new));
	}

	@Entity
	@Table(name = "invoice")
	static class Invoice {

		@Id
		String reference = "";

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	static class Shop {

	}

	@RestController
	@Idempotent(transactional = true)
	static class Invoices {

		private final EntityManager entities;

		Invoices(EntityManager entities) {
			this.entities = entities;
		}

		void save(String reference) {
			Invoice invoice = new Invoice();
			invoice.reference = reference;
			this.entities.persist(invoice);
			this.entities.flush();
		}

		@PostMapping("/invoices")
		ResponseEntity<String> create(@RequestHeader("Idempotency-Key") String key, @RequestBody String reference) {
			RUNS.next(key);
			Invoice invoice = new Invoice();
			invoice.reference = reference;
			this.entities.persist(invoice);
			return ResponseEntity.ok("created");
		}

		@ExceptionHandler
		ResponseEntity<String> answer(DataIntegrityViolationException ex) {
			return ResponseEntity.status(409).body("There is one already");
		}

	}

}
