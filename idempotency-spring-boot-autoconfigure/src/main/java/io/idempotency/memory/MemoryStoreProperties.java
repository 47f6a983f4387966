package io.idempotency.memory;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the store in the memory of the application.
 *
 * @param maxEntries how many records the store holds at most; when it is full of records
 * that have not expired, requests with a new key are refused
 */
@ConfigurationProperties("idempotency.memory")
record MemoryStoreProperties(@DefaultValue("100000") int maxEntries) {

	MemoryStoreProperties {
		if (maxEntries < 1) {
			throw new IllegalArgumentException(
					"idempotency.memory.max-entries must be at least 1, but is '" + maxEntries + "'");
		}
	}

}
