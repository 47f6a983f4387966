package io.idempotency.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static io.idempotency.testing.DatabaseIntegrationTests.execute;
import static io.idempotency.testing.DatabaseIntegrationTests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Named.named;

/**
 * Servers of a test's own that stop answering, die, and come back.
 */
class DatabaseOutageIntegrationTests {

	@ParameterizedTest
	@MethodSource("servers")
	void keepsWhatIsCommittedThroughKillAndStop(Supplier<DatabaseProcess> start) throws SQLException {
		try (DatabaseProcess server = start.get()) {
			Database database = server.newDatabase();
			try (Connection connection = database.connect()) {
				execute(connection, "create table thing (name varchar(20))");
				execute(connection, "insert into thing values ('one')");
				server.kill();
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> text(connection, "select 1"));
			}
			assertThatExceptionOfType(SQLException.class).isThrownBy(database::connect);
			server.start();
			try (Connection connection = database.connect()) {
				assertThat(text(connection, "select name from thing")).isEqualTo("one");
				server.stop();
			}
			assertThatExceptionOfType(SQLException.class).isThrownBy(database::connect);
			server.start();
			try (Connection connection = database.connect()) {
				assertThat(text(connection, "select name from thing")).isEqualTo("one");
			}
		}
	}

	@ParameterizedTest
	@MethodSource("servers")
	void answersNobodyWhilePaused(Supplier<DatabaseProcess> start) throws SQLException {
		try (DatabaseProcess server = start.get()) {
			Database database = server.newDatabase();
			try (Connection connection = database.connect()) {
				connection.setNetworkTimeout(Runnable::run, 300);
				assertThat(text(connection, "select 1")).isEqualTo("1");
				server.pause();
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> text(connection, "select 1"));
			}
			server.resume();
			try (Connection connection = database.connect()) {
				assertThat(text(connection, "select 1")).isEqualTo("1");
				server.pause();
			}
		}
	}

	static Stream<Arguments> servers() {
		return Stream.of(server("PostgreSQL", PostgresProcess::startLocal),
				server("MariaDB", MariaDbProcess::startLocal));
	}

	private static Arguments server(String name, Supplier<DatabaseProcess> start) {
		return Arguments.of(named(name, start));
	}

}
