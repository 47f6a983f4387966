package io.idempotency.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import io.idempotency.store.Lease;
import io.idempotency.store.StoredStep;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The steps that the record of one request contains, as far as the request knows. Except
 * for {@link #earlier()}, the methods are called by a thread that holds the
 * {@link #lock()}.
 */
final class KnownSteps {

	private final GuardedStore store;

	private final Claim claim;

	private final Lease lease;

	private final Lock lock = new ReentrantLock();

	private final List<StoredStep> known = new CopyOnWriteArrayList<>();

	private volatile List<StoredStep> earlier = List.of();

	/**
	 * A step that the store may or may not have stored, or {@code null}.
	 */
	private @Nullable StoredStep unconfirmed;

	/**
	 * Whether the store may have lost known steps.
	 */
	private boolean incomplete;

	KnownSteps(GuardedStore store, Claim claim, Lease lease) {
		this.store = store;
		this.claim = claim;
		this.lease = lease;
	}

	/**
	 * Returns the lock to hold while the steps of the record are changed or compared with
	 * the known steps.
	 */
	Lock lock() {
		return this.lock;
	}

	/**
	 * Records the steps that earlier attempts have stored.
	 */
	void startWith(List<StoredStep> steps) {
		this.earlier = steps;
		this.known.addAll(steps);
	}

	/**
	 * Returns the steps that earlier attempts have stored.
	 */
	List<StoredStep> earlier() {
		return this.earlier;
	}

	/**
	 * Stores a step with the record.
	 * @return {@code false} if the lease is not held
	 */
	boolean store(StoredStep step) {
		return confirmed(step, () -> this.store.storeStep(this.lease, step, this.claim.expiry()));
	}

	/**
	 * Stores a step with the record and commits the transaction of its work.
	 * @return {@code false} if the lease is not held
	 */
	boolean commit(Transaction transaction, StoredStep step) {
		return confirmed(step, () -> this.store.commit(transaction, this.lease, step, this.claim.expiry()));
	}

	/**
	 * If the call throws an exception, the step stays unconfirmed.
	 */
	private boolean confirmed(StoredStep step, BooleanSupplier call) {
		this.unconfirmed = step;
		boolean stored = restored() && call.getAsBoolean();
		this.unconfirmed = null;
		if (stored) {
			add(step, this.known);
		}
		return stored;
	}

	/**
	 * Compares the steps of the record, which was acquired again, with the known ones.
	 * @return {@code false} if another request has taken steps in the meantime
	 */
	boolean haveStayed(List<StoredStep> steps) {
		if (steps.isEmpty()) {
			this.incomplete = !this.known.isEmpty();
			return true;
		}
		List<StoredStep> perhaps = new ArrayList<>(this.known);
		if (this.unconfirmed != null) {
			add(this.unconfirmed, perhaps);
		}
		return areSame(steps, this.known) || areSame(steps, perhaps);
	}

	/**
	 * Stores the known steps again if the store has lost the record with its steps,
	 * because the work of these steps must not run again.
	 * @return {@code false} if the lease is not held
	 */
	boolean restored() {
		if (this.incomplete) {
			for (StoredStep step : this.known) {
				if (!this.store.storeStep(this.lease, step, this.claim.expiry())) {
					return false;
				}
			}
			this.incomplete = false;
		}
		return true;
	}

	/**
	 * Compares steps without their results, because a store need not keep results byte
	 * for byte.
	 */
	private static boolean areSame(List<StoredStep> some, List<StoredStep> others) {
		return some.size() == others.size() && IntStream.range(0, some.size())
			.allMatch((i) -> some.get(i).name().equals(others.get(i).name())
					&& some.get(i).takenAt().equals(others.get(i).takenAt()));
	}

	/**
	 * Adds a step. It replaces the steps that have the same or a greater position.
	 */
	private static void add(StoredStep step, List<StoredStep> steps) {
		while (steps.size() > step.position()) {
			steps.remove(steps.size() - 1);
		}
		steps.add(step);
	}

}
