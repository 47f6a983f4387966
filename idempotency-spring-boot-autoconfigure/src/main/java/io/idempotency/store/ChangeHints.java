package io.idempotency.store;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArraySet;

import io.idempotency.store.IdempotencyStore.Registration;

/**
 * The hints that wait in this instance for changes of records: what a store needs to
 * implement {@link IdempotencyStore#onChange}. Safe for use by many threads.
 */
public final class ChangeHints {

	private final ConcurrentMap<RecordKey, Set<Hint>> hints = new ConcurrentHashMap<>();

	/**
	 * Registers a hint.
	 * @param key the record
	 * @param hint what to run
	 * @return removes the hint
	 */
	public Registration add(RecordKey key, Runnable hint) {
		Hint added = new Hint(hint);
		this.hints.compute(key, (sameKey, present) -> {
			Set<Hint> all = (present != null) ? present : new CopyOnWriteArraySet<>();
			all.add(added);
			return all;
		});
		return () -> this.hints.computeIfPresent(key, (sameKey, present) -> {
			present.remove(added);
			return present.isEmpty() ? null : present;
		});
	}

	/**
	 * Returns the records that hints wait for now.
	 * @return a copy
	 */
	public Set<RecordKey> awaited() {
		return Set.copyOf(this.hints.keySet());
	}

	/**
	 * Runs the hints for a record.
	 * @param key the record that has changed
	 */
	public void changed(RecordKey key) {
		Set<Hint> waiting = this.hints.get(key);
		if (waiting != null) {
			waiting.forEach(Hint::run);
		}
	}

	/**
	 * Told from every other hint by its identity.
	 */
	private static final class Hint {

		private final Runnable hint;

		Hint(Runnable hint) {
			this.hint = hint;
		}

		void run() {
			this.hint.run();
		}

	}

}
