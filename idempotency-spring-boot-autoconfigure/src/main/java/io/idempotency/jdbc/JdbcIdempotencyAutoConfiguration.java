package io.idempotency.jdbc;

import javax.sql.DataSource;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.OutcomeCodec;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Configures the store in the application's database if {@code idempotency.store} is
 * {@code jdbc}.
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class,
		afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
				"org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration" })
@ConditionalOnClass({ JdbcClient.class, DataSourceScriptDatabaseInitializer.class })
@ConditionalOnBean(DataSource.class)
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "idempotency.store", havingValue = "jdbc")
@ConditionalOnMissingBean(IdempotencyStore.class)
@EnableConfigurationProperties(JdbcStoreProperties.class)
@ImportRuntimeHints(JdbcStoreRuntimeHints.class)
public final class JdbcIdempotencyAutoConfiguration {

	@Bean
	RecordTableInitializer idempotencyRecordTableInitializer(DataSource dataSource, JdbcStoreProperties properties) {
		return new RecordTableInitializer(dataSource, properties);
	}

	@Bean
	@DependsOnDatabaseInitialization
	JdbcIdempotencyStore jdbcIdempotencyStore(DataSource dataSource,
			ObjectProvider<PlatformTransactionManager> transactions, JdbcStoreProperties properties,
			ObjectProvider<OutcomeCodec> codec, @RenewalDataSource ObjectProvider<DataSource> renewals,
			ObjectProvider<JdbcConnectionDetails> connectionDetails) {
		JdbcIdempotencyStore store = new JdbcIdempotencyStore(dataSource, transactions.getIfUnique(), properties,
				codec.getIfAvailable(OutcomeCodec::plain), renewals.getIfAvailable(),
				() -> withoutPool(connectionDetails.getIfUnique()));
		store.lookUp();
		return store;
	}

	private static @Nullable DataSource withoutPool(@Nullable JdbcConnectionDetails details) {
		return (details != null) ? DataSourceBuilder.create()
			.type(SimpleDriverDataSource.class)
			.driverClassName(details.getDriverClassName())
			.url(details.getJdbcUrl())
			.username(details.getUsername())
			.password(details.getPassword())
			.build() : null;
	}

}
