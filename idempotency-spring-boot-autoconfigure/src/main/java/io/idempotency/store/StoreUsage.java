package io.idempotency.store;

/**
 * How full a bounded store is.
 *
 * @param entries the number of records, including expired records that have not been
 * purged
 * @param maxEntries the maximum number of records
 * @param bytes the estimated size of the records in memory
 * @param maxBytes the maximum size of the records in memory
 */
public record StoreUsage(long entries, long maxEntries, long bytes, long maxBytes) {

}
