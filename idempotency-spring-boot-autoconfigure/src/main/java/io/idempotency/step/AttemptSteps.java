package io.idempotency.step;

import java.lang.reflect.Type;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMismatchException;
import io.idempotency.StepMode;
import io.idempotency.StepNotStoredException;
import io.idempotency.StepNotStoredException.Reason;
import io.idempotency.StepWork;
import io.idempotency.engine.Execution;
import io.idempotency.engine.LeaseLostException;
import io.idempotency.engine.StepTransaction;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.result.NotStorableException;
import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.Outcome;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoreUnavailableException;
import io.idempotency.store.StoredResult;
import io.idempotency.store.StoredStep;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * Takes the steps of an attempt that holds its record. It first returns the results of
 * the steps that earlier attempts have taken, in the same order, and then takes further
 * steps. Steps are taken one after the other, on any thread.
 */
final class AttemptSteps implements Steps {

	private static final int LONGEST_NAME = 255;

	private final Execution execution;

	private final StepMode mode;

	private final String version;

	private final StepRules rules;

	private final List<StoredStep> earlier;

	private final AtomicReference<@Nullable String> underWay = new AtomicReference<>();

	private final Set<String> names = new HashSet<>();

	private long size;

	/**
	 * The failure of a step whose work ran, but whose result may be missing from the
	 * record. No further step is taken after it.
	 */
	private @Nullable StepNotStoredException failure;

	AttemptSteps(Execution execution, ProtectionPolicy policy, StepRules rules) {
		this.execution = execution;
		this.mode = policy.stepMode();
		this.version = policy.version();
		this.rules = rules;
		this.earlier = ofVersion(this.version, execution.steps());
	}

	/**
	 * Returns the steps before the first one of another version. That one and all steps
	 * after it are ignored.
	 */
	private static List<StoredStep> ofVersion(String version, List<StoredStep> steps) {
		return steps.isEmpty() ? steps : steps.stream().takeWhile((step) -> step.version().equals(version)).toList();
	}

	@Override
	public <T extends @Nullable Object, E extends Throwable> T take(IdempotencyContext context, String name, Type type,
			@Nullable StepMode mode, StepWork<T, E> work) throws E {
		requireName(name);
		StepMode chosen = (mode != null) ? mode : this.mode;
		if (chosen == StepMode.TRANSACTIONAL && this.mode != StepMode.TRANSACTIONAL) {
			throw new IllegalStateException("The step '" + name
					+ "' cannot have a transaction: declare @Idempotent(steps = StepMode.TRANSACTIONAL), so that transactions are checked at startup");
		}
		String other = this.underWay.compareAndExchange(null, name);
		if (other != null) {
			throw new IllegalStateException("The step '" + name + "' cannot be taken while the step '" + other
					+ "' is in progress: steps are taken one after the other, and must not be nested");
		}
		try {
			return takeNext(context, name, type, chosen, work);
		}
		finally {
			this.underWay.set(null);
		}
	}

	private static void requireName(String name) {
		if (name.isBlank() || name.length() > LONGEST_NAME) {
			throw new IllegalArgumentException(
					"A step needs a name of " + LONGEST_NAME + " characters at most, and not '" + name + "'");
		}
	}

	private <T extends @Nullable Object, E extends Throwable> T takeNext(IdempotencyContext context, String name,
			Type type, StepMode chosen, StepWork<T, E> work) throws E {
		if (this.failure != null) {
			throw new StepNotStoredException(this.failure.getReason(), name, "The step '" + name
					+ "' was not taken, since the attempt has ended with the step '" + this.failure.getStep() + "'",
					this.failure);
		}
		if (this.names.contains(name)) {
			throw new IllegalStateException("The step '" + name
					+ "' was taken before in this attempt: give each step a name of its own, such as 'ship ' + item");
		}
		JavaType resultType = this.rules.json().typeOf(type, List.of()).type();
		int position = this.names.size();
		if (position < this.earlier.size()) {
			return resume(this.earlier.get(position), name, resultType);
		}
		return (chosen == StepMode.TRANSACTIONAL) ? inTransaction(context, name, resultType, work)
				: separately(context, name, resultType, work);
	}

	@SuppressWarnings({ "unchecked", "NullAway" })
	private <T extends @Nullable Object> T resume(StoredStep step, String name, JavaType type) {
		if (!step.name().equals(name)) {
			throw mismatch(name,
					"An earlier attempt has taken the step '" + step.name() + "' where this one wants to take '" + name
							+ "': take the same steps in the same order, or give @Idempotent a new version, which takes"
							+ " all steps again",
					null);
		}
		if (!(step.result() instanceof StoredResult result)) {
			throw mismatch(name,
					"An earlier attempt has taken the step '" + name
							+ "', and its result could not be kept: find out what it did, then remove the record",
					null);
		}
		Object value;
		try {
			value = this.rules.json().read(type, result.json());
		}
		catch (IllegalArgumentException ex) {
			throw mismatch(name,
					"The result of the step '" + name + "', stored as " + result.type() + ", does not read as "
							+ type.toCanonical() + ": " + ex.getMessage()
							+ ". Change the type back, or give @Idempotent a new version, which takes all steps again",
					ex);
		}
		taken(name, result);
		this.execution.resumed(step);
		return (T) value;
	}

	private StepMismatchException mismatch(String name, String message, @Nullable Throwable cause) {
		this.execution.resumeFailed();
		return new StepMismatchException(name, message, cause);
	}

	private void taken(String name, StoredResult result) {
		this.names.add(name);
		this.size += result.json().length;
	}

	private <T extends @Nullable Object, E extends Throwable> T separately(IdempotencyContext context, String name,
			JavaType type, StepWork<T, E> work) throws E {
		requireLease(name);
		T result = StepContext.run(context, name, work);
		StoredResult stored;
		try {
			stored = write(type, result);
		}
		catch (NotStorableException ex) {
			store(name, new ResponseNotStored());
			throw ended(notStorable(name, "was taken, and will not be again, but its result is not kept", ex));
		}
		store(name, stored);
		taken(name, stored);
		return result;
	}

	private void requireLease(String name) {
		if (!this.execution.isOpen()) {
			throw new IllegalStateException("The step '" + name + "' cannot be taken: the request has ended");
		}
		if (!this.execution.isLeaseHeld()) {
			throw notTaken(name, null);
		}
	}

	private static StepNotStoredException notTaken(String name, @Nullable LeaseLostException cause) {
		return new StepNotStoredException(Reason.LEASE_LOST, name,
				"The step '" + name + "' was not taken, since another request may have taken over", cause);
	}

	private StoredResult write(JavaType type, @Nullable Object result) {
		return this.rules.json()
			.write(type, result, Math.min(this.rules.maxResultSize(), this.rules.maxStepsSize() - this.size),
					"what is left of idempotency.max-result-size and idempotency.max-steps-size");
	}

	private void store(String name, Outcome result) {
		try {
			this.execution.storeStep(step(name, result));
		}
		catch (LeaseLostException ex) {
			String reason = this.execution.isOpen() ? "another request has taken over" : "the request has ended";
			throw ended(new StepNotStoredException(Reason.LEASE_LOST, name,
					"The step '" + name + "' was taken, but its result is not kept, since " + reason, ex));
		}
		catch (RuntimeException ex) {
			throw ended(new StepNotStoredException(
					Reason.STORE_UNAVAILABLE, name, "The step '" + name
							+ "' was taken, but its result is not kept, since the store failed: " + ex.getMessage(),
					ex));
		}
	}

	/**
	 * Ends the attempt, because a further step would replace this one.
	 */
	private StepNotStoredException ended(StepNotStoredException ex) {
		this.failure = ex;
		return ex;
	}

	private StoredStep step(String name, Outcome result) {
		return new StoredStep(this.names.size(), name, this.version, Instant.now().truncatedTo(ChronoUnit.MILLIS),
				result);
	}

	private <T extends @Nullable Object, E extends Throwable> T inTransaction(IdempotencyContext context, String name,
			JavaType type, StepWork<T, E> work) throws E {
		requireLease(name);
		StepTransaction transaction = begin(name);
		T result;
		StoredResult stored;
		try {
			result = StepContext.run(context, name, work);
			stored = write(type, result);
		}
		catch (NotStorableException ex) {
			transaction.rollback();
			throw notStorable(name, "was rolled back, since its result cannot be kept", ex);
		}
		catch (Throwable ex) {
			transaction.rollback();
			throw ex;
		}
		commit(name, transaction, stored);
		taken(name, stored);
		return result;
	}

	private StepTransaction begin(String name) {
		if (this.execution.isInTransactionOfStore()) {
			throw new IllegalStateException("The step '" + name
					+ "' needs a transaction of its own, but its caller already has one: take it outside of @Transactional");
		}
		try {
			return this.execution.beginStep();
		}
		catch (LeaseLostException ex) {
			throw notTaken(name, ex);
		}
		catch (RuntimeException ex) {
			throw new StepNotStoredException(Reason.STORE_UNAVAILABLE, name,
					"The step '" + name + "' was not taken, since no transaction could begin: " + ex.getMessage(), ex);
		}
	}

	private void commit(String name, StepTransaction transaction, StoredResult stored) {
		try {
			transaction.commit(step(name, stored));
		}
		catch (LeaseLostException ex) {
			throw new StepNotStoredException(Reason.LEASE_LOST, name,
					"The step '" + name + "' was rolled back, since another request has taken over", ex);
		}
		catch (StoreUnavailableException ex) {
			throw new StepNotStoredException(Reason.STORE_UNAVAILABLE, name,
					"The step '" + name + "' was rolled back, since the database does not answer", ex);
		}
		catch (CommitUnknownException ex) {
			throw ended(new StepNotStoredException(Reason.STORE_UNAVAILABLE, name,
					"It is not known whether the step '" + name + "' was committed; a later attempt finds out", ex));
		}
	}

	private static StepNotStoredException notStorable(String name, String what, NotStorableException ex) {
		return new StepNotStoredException(Reason.RESULT, name,
				"The step '" + name + "' " + what + ": " + ex.getMessage(), ex);
	}

}
