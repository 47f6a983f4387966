package io.idempotency.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The databases that tests stand on.
 */
@ParameterizedClass
@EnumSource
class DatabaseIntegrationTests {

	private final DatabaseKind kind;

	DatabaseIntegrationTests(DatabaseKind kind) {
		this.kind = kind;
	}

	@Test
	void isWhatItIsCalled() throws SQLException {
		String expected = switch (this.kind) {
			case POSTGRESQL -> "PostgreSQL 18.";
			case MARIADB -> "11.4.";
			case H2 -> "2.";
		};
		String query = switch (this.kind) {
			case POSTGRESQL, MARIADB -> "select version()";
			case H2 -> "select h2version()";
		};
		try (Connection connection = this.kind.newDatabase().connect()) {
			assertThat(text(connection, query)).startsWith(expected);
		}
	}

	@Test
	void showsOtherConnectionsWhatIsCommitted() throws SQLException {
		try (HikariDataSource pool = this.kind.newDatabase().dataSource();
				Connection writer = pool.getConnection();
				Connection reader = pool.getConnection()) {
			execute(writer, "create table thing (name varchar(20))");
			writer.setAutoCommit(false);
			execute(writer, "insert into thing values ('one')");
			assertThat(text(reader, "select count(*) from thing")).isEqualTo("0");
			writer.commit();
			assertThat(text(reader, "select count(*) from thing")).isEqualTo("1");
		}
	}

	@Test
	void showsOtherDatabasesNothing() throws SQLException {
		try (Connection one = this.kind.newDatabase().connect(); Connection other = this.kind.newDatabase().connect()) {
			execute(one, "create table thing (name varchar(20))");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(other, "select * from thing"));
		}
	}

	static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	static String text(Connection connection, String query) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
			assertThat(rows.next()).isTrue();
			return rows.getString(1);
		}
	}

}
