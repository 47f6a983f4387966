package io.idempotency.memory;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the store in the memory of the application.
 *
 * @param maxEntries how many records the store holds at most; when it is full of records
 * that have not expired, requests with a new key are refused
 * @param maxSize how much memory the records may take, as the store estimates it; a
 * response that does not fit is not stored, and a new key is refused. By default a tenth
 * of the maximum heap
 */
@ConfigurationProperties("idempotency.memory")
record MemoryStoreProperties(@DefaultValue("100000") int maxEntries, @Nullable DataSize maxSize) {

	MemoryStoreProperties {
		if (maxEntries < 1) {
			throw new IllegalArgumentException(
					"idempotency.memory.max-entries must be at least 1, but is '" + maxEntries + "'");
		}
		if (maxSize != null && maxSize.toBytes() < 1024) {
			throw new IllegalArgumentException(
					"idempotency.memory.max-size must be at least 1KB, but is '" + maxSize + "'");
		}
	}

	/**
	 * Returns how much memory the records may take.
	 */
	long maxBytes() {
		return (this.maxSize != null) ? this.maxSize.toBytes() : MemoryIdempotencyStore.tenthOfHeap();
	}

}
