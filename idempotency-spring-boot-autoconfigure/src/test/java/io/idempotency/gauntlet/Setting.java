package io.idempotency.gauntlet;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.testing.StoreKind;

/**
 * Where records are kept, and how handlers are protected.
 */
enum Setting {

	MEMORY(StoreKind.MEMORY),

	MEMORY_ERRORS(StoreKind.MEMORY, Setting.ERRORS),

	MEMORY_REQUIRED(StoreKind.MEMORY, Setting.REQUIRED),

	MEMORY_ANNOTATED(StoreKind.MEMORY, Setting.ANNOTATED),

	MEMORY_WAITING(StoreKind.MEMORY, Setting.WAITING),

	MEMORY_PARAMETER(StoreKind.MEMORY, "idempotency.key-parameter=__key"),

	REDIS(StoreKind.REDIS),

	REDIS_WAITING(StoreKind.REDIS, Setting.WAITING),

	JDBC(StoreKind.JDBC),

	JDBC_ERRORS(StoreKind.JDBC, Setting.ERRORS),

	JDBC_WAITING(StoreKind.JDBC, Setting.WAITING),

	JDBC_TRANSACTIONAL(StoreKind.JDBC, Setting.TRANSACTIONAL),

	JDBC_TRANSACTIONAL_ERRORS(StoreKind.JDBC, Setting.TRANSACTIONAL, Setting.ERRORS),

	JDBC_TRANSACTIONAL_REQUIRED(StoreKind.JDBC, Setting.TRANSACTIONAL, Setting.REQUIRED),

	JDBC_TRANSACTIONAL_WAITING(StoreKind.JDBC, Setting.TRANSACTIONAL, Setting.WAITING);

	private static final String ERRORS = "idempotency.store-on-statuses=2xx,3xx,4xx,5xx";

	private static final String REQUIRED = "idempotency.mode=required";

	private static final String ANNOTATED = "idempotency.mode=annotated";

	private static final String WAITING = "idempotency.wait-timeout=30s";

	private static final String TRANSACTIONAL = "idempotency.jdbc.transactional=true";

	private final StoreKind store;

	private final List<String> properties;

	Setting(StoreKind store, String... properties) {
		this.store = store;
		this.properties = List.of(properties);
	}

	Stream<String> properties() {
		Stream<String> database = hasDatabase() ? Stream.of("spring.datasource.hikari.connection-timeout=5000")
				: Stream.empty();
		return Stream.of(Arrays.stream(this.store.properties()), this.properties.stream(), database)
			.flatMap((properties) -> properties);
	}

	boolean hasDatabase() {
		return this.store == StoreKind.JDBC;
	}

	boolean storesErrors() {
		return this.properties.contains(ERRORS);
	}

	boolean isStored(int status) {
		return (status >= 200 && status < 400) || (storesErrors() && status >= 400);
	}

	boolean requiresKey() {
		return this.properties.contains(REQUIRED);
	}

	boolean isAnnotated() {
		return this.properties.contains(ANNOTATED);
	}

	boolean isWaiting() {
		return this.properties.contains(WAITING);
	}

	boolean isTransactional() {
		return this.properties.contains(TRANSACTIONAL);
	}

}
