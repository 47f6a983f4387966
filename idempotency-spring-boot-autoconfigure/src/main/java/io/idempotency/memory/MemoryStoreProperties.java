package io.idempotency.memory;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the store that keeps records in memory.
 *
 * @param maxEntries Maximum number of records. When the store is full of records that
 * have not expired, requests with a new key are refused.
 * @param maxSize Maximum memory that the records may take, as estimated by the store. A
 * response that does not fit is not stored, and requests with a new key are refused. The
 * default is a tenth of the maximum heap size.
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
	 * Returns how many bytes of memory the records may take.
	 */
	long maxBytes() {
		return (this.maxSize != null) ? this.maxSize.toBytes() : MemoryIdempotencyStore.tenthOfHeap();
	}

}
