package io.idempotency.store;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArraySet;

import io.idempotency.store.IdempotencyStore.Registration;

/**
 * Holds the hints that are registered in this instance for changes of records. Stores can
 * use it to implement {@link IdempotencyStore#onChange}. This class is thread-safe.
 */
public final class ChangeHints {

	private final ConcurrentMap<RecordKey, Set<Hint>> hints = new ConcurrentHashMap<>();

	/**
	 * Registers a hint.
	 * @param key the record
	 * @param hint what to run when the record changes
	 * @return the registration, which removes the hint when it is closed
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
	 * Returns the records for which hints are registered.
	 * @return a copy of the keys
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
	 * Wraps a {@link Runnable}, so that each registration is removed by identity.
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
