package io.idempotency.jdbc;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Flyway and Liquibase create the table as the documentation says.
 */
class MigrationToolsIntegrationTests {

	private static final Pattern MIGRATION = Pattern.compile("`(V\\d+__\\w+\\.sql)`");

	private static final String CHANGE_LOG = """
			<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
			  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
			  xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog
			    http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
			%s
			</databaseChangeLog>
			""";

	@TempDir
	private Path directory;

	@ParameterizedTest
	@EnumSource(names = { "POSTGRESQL", "H2" })
	void flywayRunsCopyOfScript(DatabaseKind kind) throws Exception {
		Matcher name = MIGRATION.matcher(StoresPage.text());
		assertThat(name.find()).isTrue();
		try (InputStream script = new ClassPathResource(script(kind)).getInputStream()) {
			Files.copy(script, this.directory.resolve(name.group(1)));
		}
		Database database = kind.newDatabase();
		Flyway flyway = Flyway.configure()
			.dataSource(database.url(), database.username(), database.password())
			.locations("filesystem:" + this.directory)
			.load();
		assertThat(flyway.migrate().migrationsExecuted).isEqualTo(1);
		assertThat(flyway.migrate().migrationsExecuted).isZero();
		assertStoreWorks(database);
	}

	@ParameterizedTest
	@EnumSource
	void liquibaseRunsScriptOutOfJar(DatabaseKind kind) throws Exception {
		String changeSet = StoresPage.exampleAfter("- Liquibase")
			.replace(script(DatabaseKind.POSTGRESQL), script(kind));
		assertThat(changeSet).contains(script(kind));
		Files.writeString(this.directory.resolve("changelog.xml"), CHANGE_LOG.formatted(changeSet));
		Database database = kind.newDatabase();
		for (int start = 0; start < 2; start++) {
			ResourceAccessor files = new CompositeResourceAccessor(new DirectoryResourceAccessor(this.directory),
					new ClassLoaderResourceAccessor());
			try (Connection connection = database.connect();
					Liquibase liquibase = new Liquibase("changelog.xml", files, new JdbcConnection(connection))) {
				liquibase.update(new Contexts());
				assertThat(liquibase.getDatabase().getRanChangeSetList()).hasSize(1);
			}
		}
		assertStoreWorks(database);
	}

	private static String script(DatabaseKind kind) {
		return "io/idempotency/jdbc/schema-v1-" + kind.name().toLowerCase(Locale.ROOT) + ".sql";
	}

	private static void assertStoreWorks(Database database) {
		JdbcStoreProperties properties = new JdbcStoreProperties(DatabaseInitializationMode.NEVER,
				JdbcStoreProperties.DEFAULT_TABLE, false, Duration.ofMillis(50), Duration.ofSeconds(30));
		try (HikariDataSource dataSource = database.dataSource();
				JdbcIdempotencyStore store = new JdbcIdempotencyStore(dataSource, null, properties,
						OutcomeCodec.plain(), null, () -> null)) {
			assertThat(store.acquire(Lease.of(RecordKey.random()), Fingerprint.ANY,
					new LeaseTerms(Duration.ofMinutes(1), null)))
				.isInstanceOf(Acquisition.Acquired.class);
		}
	}

}
