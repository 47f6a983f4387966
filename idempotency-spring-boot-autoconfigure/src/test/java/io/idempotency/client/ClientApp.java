package io.idempotency.client;

import java.util.List;
import java.util.stream.Stream;

import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;

/**
 * Applications that call other services.
 */
final class ClientApp {

	private ClientApp() {
	}

	/**
	 * Returns an application whose clients send keys.
	 * @param properties those below {@code idempotency.client}
	 */
	static TestApp shared(String... properties) {
		return shared(List.of(), properties);
	}

	static TestApp shared(List<Class<?>> configuration, String... properties) {
		return TestApp.shared(configuration, StoreKind.MEMORY, properties(
				Stream.of(properties).map((property) -> "idempotency.client." + property).toArray(String[]::new)));
	}

	/**
	 * Returns the properties of such an application, and more. The last of a name counts.
	 */
	static String[] properties(String... more) {
		return Stream
			.concat(Stream.of("spring.http.clients.imperative.factory=jdk",
					"spring.http.clients.reactive.connector=jdk", "idempotency.client.enabled=true"), Stream.of(more))
			.toArray(String[]::new);
	}

}
