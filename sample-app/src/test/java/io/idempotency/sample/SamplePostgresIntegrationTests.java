package io.idempotency.sample;

import io.idempotency.testing.Database;
import io.idempotency.testing.PostgresProcess;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The service with the profile {@code postgres} and a real server.
 */
@ActiveProfiles("postgres")
class SamplePostgresIntegrationTests extends AbstractSampleTests {

	@DynamicPropertySource
	static void createDatabase(DynamicPropertyRegistry registry) {
		Database database = PostgresProcess.shared().newDatabase();
		registry.add("spring.datasource.url", database::url);
		registry.add("spring.datasource.username", database::username);
		registry.add("spring.datasource.password", database::password);
	}

	@Test
	void keepsResponseBesideLedger(@Autowired JdbcClient jdbc) {
		int before = responses(jdbc);
		pay("12.50");
		assertThat(responses(jdbc)).isEqualTo(before + 1);
	}

	private static int responses(JdbcClient jdbc) {
		return jdbc.sql("select count(*) from idempotency_record where outcome is not null")
			.query(Integer.class)
			.single();
	}

}
