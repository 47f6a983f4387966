package io.idempotency.engine;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that notes its calls, and does before a call what a test tells it to.
 */
final class ScriptedStore implements IdempotencyStore {

	private static final String CONNECTION = "connection";

	private final Map<String, Queue<Runnable>> before = new ConcurrentHashMap<>();

	private final List<String> calls = new CopyOnWriteArrayList<>();

	private volatile BooleanSupplier failing = () -> false;

	private volatile boolean hints;

	/**
	 * Answers renewals of many leases, as the thread of a connection does, or
	 * {@code null}.
	 */
	private volatile @Nullable ExecutorService connection;

	private volatile boolean delayNextClaim;

	private volatile Runnable delayedClaim = () -> {
	};

	private volatile @Nullable Class<? extends Outcome> refused;

	private final AtomicInteger bulkRenewals = new AtomicInteger();

	private volatile IdempotencyStore records = new MemoryIdempotencyStore(1000);

	/**
	 * Does something before a call of a method: each is done once, in this order.
	 */
	ScriptedStore before(String method, Runnable action) {
		this.before.computeIfAbsent(method, (key) -> new ConcurrentLinkedQueue<>()).add(action);
		return this;
	}

	/**
	 * Lets the next calls of a method fail.
	 */
	ScriptedStore fail(String method, int times) {
		for (int i = 0; i < times; i++) {
			before(method, () -> {
				throw new IllegalStateException("The store is away");
			});
		}
		return this;
	}

	/**
	 * Lets all calls fail for as long as a condition holds.
	 */
	void failWhile(BooleanSupplier condition) {
		this.failing = condition;
	}

	/**
	 * Passes hints on. Without them those that wait look now and then.
	 */
	void hint() {
		this.hints = true;
	}

	/**
	 * Answers renewals of many leases later, on a thread that reads all answers. It must
	 * therefore never wait for one.
	 */
	void answerRenewalsOnThreadOfConnection() {
		this.connection = Executors.newSingleThreadExecutor((task) -> {
			Thread thread = new Thread(task, CONNECTION);
			thread.setDaemon(true);
			return thread;
		});
	}

	/**
	 * Does not answer the next claim in time.
	 * @return carries the claim out, late
	 */
	Runnable delayNextClaim() {
		this.delayNextClaim = true;
		return () -> this.delayedClaim.run();
	}

	/**
	 * Takes no outcome of a type.
	 */
	void refuse(Class<? extends Outcome> type) {
		this.refused = type;
	}

	/**
	 * Forgets all records.
	 */
	void loseRecords() {
		this.records = new MemoryIdempotencyStore(1000);
	}

	/**
	 * Returns the names of the methods that were called, each once it returned or failed.
	 */
	List<String> calls() {
		return List.copyOf(this.calls);
	}

	long calls(String method) {
		return this.calls.stream().filter((call) -> call.startsWith(method)).count();
	}

	int bulkRenewals() {
		return this.bulkRenewals.get();
	}

	private <T> T call(String method, Supplier<T> call) {
		Queue<Runnable> actions = this.before.get(method);
		Runnable action = (actions != null) ? actions.poll() : null;
		try {
			if (Thread.currentThread().getName().equals(CONNECTION)) {
				throw new IllegalStateException("The thread of the connection waits for itself");
			}
			if (action != null) {
				action.run();
			}
			if (this.failing.getAsBoolean()) {
				throw new IllegalStateException("The store is away");
			}
			T answer = call.get();
			this.calls.add(method);
			return answer;
		}
		catch (RuntimeException ex) {
			this.calls.add(method + " failed");
			throw ex;
		}
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		return call("acquire", () -> {
			if (this.delayNextClaim) {
				this.delayNextClaim = false;
				this.delayedClaim = () -> this.records.acquire(lease, fingerprint, terms);
				throw new IllegalStateException("The store does not answer in time");
			}
			return this.records.acquire(lease, fingerprint, terms);
		});
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		return call("renew", () -> this.records.renew(lease, terms));
	}

	@Override
	public Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		this.bulkRenewals.incrementAndGet();
		ExecutorService later = this.connection;
		if (later == null) {
			return IdempotencyStore.super.renewAll(leases, terms);
		}
		Map<Lease, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
		leases.forEach((lease) -> answers.put(lease,
				CompletableFuture.supplyAsync(() -> this.records.renew(lease, terms), later)));
		return answers;
	}

	@Override
	public boolean remove(RecordKey key) {
		return this.records.remove(key);
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		return call("onChange", () -> this.hints ? this.records.onChange(key, hint) : () -> {
		});
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return call("complete", () -> {
			Class<? extends Outcome> type = this.refused;
			if (type != null && type.isInstance(outcome)) {
				throw new IllegalStateException("The store does not take this");
			}
			return this.records.complete(lease, outcome, expiry);
		});
	}

	@Override
	public boolean release(Lease lease) {
		return call("release", () -> this.records.release(lease));
	}

}
