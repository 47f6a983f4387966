package io.idempotency.store;

/**
 * How full a bounded store is.
 *
 * @param entries how many records it holds, expired ones that are not purged included
 * @param maxEntries how many it holds at most
 * @param bytes how much memory they take, as the store estimates it
 * @param maxBytes how much they may take
 */
public record StoreUsage(long entries, long maxEntries, long bytes, long maxBytes) {

}
