package io.idempotency.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import javax.sql.DataSource;

import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.PostgresProcess;
import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What an application does with its database when it starts.
 */
@ExtendWith(OutputCaptureExtension.class)
class DatabaseAtStartIntegrationTests {

	@Test
	void createsTableInEmbeddedDatabase() {
		try (TestApp app = start(DatabaseKind.H2.newDatabase())) {
			assertWorks(app);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "never", "embedded" })
	void doesNotStartOnServerWithoutTable(String mode, CapturedOutput output) {
		Database database = PostgresProcess.shared().newDatabase();
		assertThatException().isThrownBy(() -> start(database, "idempotency.jdbc.initialize-schema=" + mode));
		assertThat(output).contains("APPLICATION FAILED TO START",
				"The table idempotency_record is missing, or is not the one that this version needs",
				"classpath:io/idempotency/jdbc/schema-v1-postgresql.sql", "idempotency.jdbc.initialize-schema=always");
		try (TestApp app = start(database, "idempotency.jdbc.initialize-schema=always")) {
			assertWorks(app);
		}
		try (TestApp app = start(database, "idempotency.jdbc.initialize-schema=" + mode)) {
			assertWorks(app);
		}
	}

	@ParameterizedTest
	@EnumSource
	void doesNotStartWithTableOfOtherVersion(DatabaseKind kind, CapturedOutput output) throws Exception {
		Database database = kind.newDatabase();
		try (Connection connection = database.connect()) {
			ScriptUtils.executeSqlScript(connection,
					new ByteArrayResource(
							"create table idempotency_record (record_key varchar(64) primary key, owner varchar(64))"
								.getBytes(StandardCharsets.UTF_8)));
		}
		assertThatException().isThrownBy(() -> start(database, "idempotency.jdbc.initialize-schema=never"));
		assertThat(output).contains("APPLICATION FAILED TO START", "The table idempotency_record is missing, or is not",
				"schema-v1-" + kind.name().toLowerCase(Locale.ROOT) + ".sql");
	}

	@Test
	void createsNoTableWhenToldNotTo(CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> start(DatabaseKind.H2.newDatabase(), "idempotency.jdbc.initialize-schema=never"));
		assertThat(output).contains("The table idempotency_record is missing", "schema-v1-h2.sql");
	}

	@Test
	void leavesScriptsOfApplicationToSpringBoot() {
		try (TestApp app = start(DatabaseKind.H2.newDatabase(), "spring.sql.init.mode=always",
				"spring.sql.init.schema-locations=classpath:io/idempotency/jdbc/application-schema.sql")) {
			assertWorks(app);
			assertThat(app.bean(JdbcClient.class)
				.sql("select count(*) from application_table")
				.query(Integer.class)
				.single()).isZero();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "never", "embedded" })
	void startsWithoutDatabase(String mode, CapturedOutput output) {
		Database away = new Database("jdbc:postgresql://127.0.0.1:" + RedisProcess.freePort() + "/away", "nobody", "");
		try (TestApp app = start(away, "idempotency.jdbc.initialize-schema=" + mode,
				"spring.datasource.hikari.connection-timeout=250")) {
			assertThat(output).contains("Requests with an idempotency key are refused until the database answers");
			assertThat(app.post("/things", TestApp.newKey(), "{}").statusCode()).isEqualTo(503);
			assertThat(app.post("/things", null, "{}").statusCode()).isEqualTo(201);
		}
	}

	@Test
	void doesNotStartWhereTableIsToBeCreatedInDatabaseThatIsAway() {
		Database away = new Database("jdbc:postgresql://127.0.0.1:" + RedisProcess.freePort() + "/away", "nobody", "");
		assertThatException()
			.isThrownBy(() -> start(away, "idempotency.jdbc.initialize-schema=always",
					"spring.datasource.hikari.connection-timeout=250"))
			.havingRootCause()
			.withMessageContaining("refused");
	}

	@ParameterizedTest
	@ValueSource(strings = { "never", "embedded", "always" })
	void doesNotStartOnUnknownDatabase(String mode, CapturedOutput output) {
		assertThatException().isThrownBy(() -> TestApp.start(List.of(Things.class, UnknownDatabase.class),
				"idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=" + mode));
		assertThat(output).contains("APPLICATION FAILED TO START",
				"Invalid value 'jdbc' for configuration property 'idempotency.store'",
				"It supports PostgreSQL, MySQL, MariaDB and H2, but the application's database is Oracle.");
	}

	@Test
	void doesNotStartWithNameThatIsNoTable(CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> start(DatabaseKind.H2.newDatabase(), "idempotency.jdbc.table-name=keys; drop table x"));
		assertThat(output).contains("APPLICATION FAILED TO START",
				"idempotency.jdbc.table-name must be the name of a table", "'keys; drop table x'");
	}

	private static TestApp start(Database database, String... properties) {
		List<String> all = new ArrayList<>(List.of(database.properties()));
		all.add("idempotency.store=jdbc");
		all.addAll(List.of(properties));
		return TestApp.start(List.of(Things.class), all.toArray(String[]::new));
	}

	private static void assertWorks(TestApp app) {
		String key = TestApp.newKey();
		assertThat(app.post("/things", key, "{}").statusCode()).isEqualTo(201);
		assertThat(app.post("/things", key, "{}").headers().firstValue("Idempotent-Replayed")).contains("true");
	}

	@RestController
	static class Things {

		@PostMapping("/things")
		ResponseEntity<String> create() {
			return ResponseEntity.status(201).body("created");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnknownDatabase {

		@Bean
		DataSource dataSource() {
			Database database = DatabaseKind.H2.newDatabase();
			return new NamedDatabase(
					new DriverManagerDataSource(database.url(), database.username(), database.password()), "Oracle");
		}

	}

}
