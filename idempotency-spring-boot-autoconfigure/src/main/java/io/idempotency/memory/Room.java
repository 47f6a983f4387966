package io.idempotency.memory;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.store.StoreFullException;
import io.idempotency.store.StoreUsage;

/**
 * Counts the records of a store and their bytes. Both are changed in one atomic step, so
 * that a record which is refused never takes room from another one.
 */
final class Room {

	private final AtomicReference<StoreUsage> usage;

	Room(int maxEntries, long maxBytes) {
		this.usage = new AtomicReference<>(new StoreUsage(0, maxEntries, 0, maxBytes));
	}

	StoreUsage usage() {
		return Objects.requireNonNull(this.usage.get());
	}

	/**
	 * Returns whether there is room for another record.
	 */
	boolean hasRoomForRecord(long bytes) {
		return fits(usage(), 1, bytes);
	}

	/**
	 * Returns whether the records that are there may take more bytes.
	 */
	boolean hasRoomFor(long bytes) {
		return fits(usage(), 0, bytes);
	}

	/**
	 * Counts a new record.
	 * @throws StoreFullException if there is no room for it
	 */
	void add(long bytes) {
		StoreUsage before = this.usage.getAndUpdate((now) -> fits(now, 1, bytes) ? changed(now, 1, bytes) : now);
		if (!fits(before, 1, bytes)) {
			throw full(before);
		}
	}

	/**
	 * Adds bytes to a record if there is room for them.
	 * @return whether there was room
	 */
	boolean grow(long bytes) {
		StoreUsage before = this.usage.getAndUpdate((now) -> fits(now, 0, bytes) ? changed(now, 0, bytes) : now);
		return fits(before, 0, bytes);
	}

	/**
	 * Adds bytes to a record.
	 * @throws StoreFullException if there is no room for them
	 */
	void growOrThrow(long bytes) {
		if (!grow(bytes)) {
			throw tooManyBytes(usage());
		}
	}

	/**
	 * Replaces a record with another one for the same key. The new one is never refused,
	 * although it may be slightly longer.
	 */
	void replace(long bytesBefore, long bytes) {
		this.usage.updateAndGet((now) -> changed(now, 0, bytes - bytesBefore));
	}

	/**
	 * Removes a record from the count.
	 */
	void remove(long bytes) {
		this.usage.updateAndGet((now) -> changed(now, -1, -bytes));
	}

	private static boolean fits(StoreUsage usage, int entries, long bytes) {
		return usage.entries() + entries <= usage.maxEntries()
				&& (bytes <= 0 || bytes <= usage.maxBytes() - usage.bytes());
	}

	private static StoreUsage changed(StoreUsage usage, int entries, long bytes) {
		return new StoreUsage(usage.entries() + entries, usage.maxEntries(), usage.bytes() + bytes, usage.maxBytes());
	}

	private static StoreFullException full(StoreUsage usage) {
		if (usage.entries() >= usage.maxEntries()) {
			return new StoreFullException("The memory store is full: " + usage.maxEntries()
					+ " records have not expired; raise idempotency.memory.max-entries or shorten idempotency.expiry");
		}
		return tooManyBytes(usage);
	}

	private static StoreFullException tooManyBytes(StoreUsage usage) {
		return new StoreFullException(
				"The memory store is full: records that have not expired take " + usage.bytes() + " of "
						+ usage.maxBytes() + " bytes; raise idempotency.memory.max-size or shorten idempotency.expiry");
	}

}
