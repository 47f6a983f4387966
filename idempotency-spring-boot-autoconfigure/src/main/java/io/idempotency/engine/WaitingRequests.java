package io.idempotency.engine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStore.Registration;
import io.idempotency.store.RecordKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Manages the requests of this instance that wait for other requests. When a record may
 * have changed, one of the requests that wait for it is woken. If that request can run,
 * the others continue to wait. If the record has an outcome, all of them are woken.
 */
final class WaitingRequests {

	private static final Log logger = LogFactory.getLog(WaitingRequests.class);

	/**
	 * The memory that a waiting request takes besides its body. Most of it is for the
	 * buffers of the connection.
	 */
	private static final long BYTES_PER_REQUEST = 105 * 1024;

	private final ConcurrentMap<Place, Line> lines = new ConcurrentHashMap<>();

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicLong bytes = new AtomicLong();

	private final AtomicBoolean toldOfNoHints = new AtomicBoolean();

	private final Scheduling.Lane timers;

	private final Duration recheck;

	private final int most;

	private final long mostBytes;

	WaitingRequests(EngineSettings settings, Scheduling scheduling) {
		this.timers = scheduling.lane("timer", 1);
		this.recheck = settings.leaseDuration().dividedBy(3);
		this.most = settings.maxWaiting();
		this.mostBytes = settings.maxWaitingBytes();
	}

	/**
	 * Adds a request that waits.
	 * @return what the request waits for, or {@code null} if too many requests are
	 * waiting
	 */
	@Nullable Waiting join(Claim claim, Duration atMost, long bytes) {
		long held = bytes + BYTES_PER_REQUEST;
		boolean tooMany = this.waiting.incrementAndGet() > this.most;
		if (this.bytes.addAndGet(held) > this.mostBytes || tooMany) {
			leave(held);
			return null;
		}
		Place place = new Place(claim.store(), claim.key());
		CompletableFuture<Void> change = new CompletableFuture<>();
		Line[] created = new Line[1];
		Line line = this.lines.compute(place, (samePlace, present) -> {
			Line joined = present;
			if (joined == null) {
				joined = new Line(place);
				created[0] = joined;
			}
			joined.changes.add(change);
			return joined;
		});
		Scheduling.Timer patience = this.timers.schedule(atMost, () -> change.complete(null));
		change.whenComplete((nothing, cancelled) -> {
			leave(held);
			patience.cancel();
			leave(line, change);
		});
		if (created[0] != null) {
			line.open();
		}
		return new Waiting(change, created[0] != null);
	}

	private void leave(long held) {
		this.waiting.decrementAndGet();
		this.bytes.addAndGet(-held);
	}

	@SuppressWarnings("CollectionUndefinedEquality")
	private void leave(Line line, CompletableFuture<Void> change) {
		line.changes.remove(change);
		this.lines.computeIfPresent(line.place, (samePlace, present) -> {
			if (present != line || !line.changes.isEmpty()) {
				return present;
			}
			line.close();
			return null;
		});
	}

	/**
	 * Wakes all requests that wait for a record, because it has an outcome.
	 */
	void ended(IdempotencyStore store, RecordKey key) {
		if (this.lines.isEmpty()) {
			return;
		}
		Line line = this.lines.get(new Place(store, key));
		if (line != null) {
			line.changes.forEach((change) -> change.complete(null));
		}
	}

	int count() {
		return this.waiting.get();
	}

	void close() {
		this.timers.close();
	}

	private record Place(IdempotencyStore store, RecordKey key) {
	}

	/**
	 * The requests that wait for one record, in the order of their arrival.
	 */
	private final class Line {

		private final Queue<CompletableFuture<Void>> changes = new ConcurrentLinkedQueue<>();

		private final Place place;

		private @Nullable Registration registration;

		private Scheduling.@Nullable Timer timer;

		private boolean closed;

		Line(Place place) {
			this.place = place;
		}

		/**
		 * Registers for changes of the record. The store is called without holding a
		 * lock, so the last waiting request may have left when the store answers.
		 */
		void open() {
			recheckLater();
			Registration registration = register();
			synchronized (this) {
				if (!this.closed) {
					this.registration = registration;
					return;
				}
			}
			registration.close();
		}

		private Registration register() {
			try {
				Registration registration = this.place.store().onChange(this.place.key(), this::letOneLook);
				WaitingRequests.this.toldOfNoHints.set(false);
				return registration;
			}
			catch (RuntimeException ex) {
				if (WaitingRequests.this.toldOfNoHints.compareAndSet(false, true)) {
					logger.warn("Waiting requests check their records at intervals, because the store cannot report"
							+ " changes: " + ex);
				}
				return () -> {
				};
			}
		}

		private synchronized void recheckLater() {
			if (!this.closed) {
				this.timer = WaitingRequests.this.timers.schedule(WaitingRequests.this.recheck, () -> {
					letOneLook();
					recheckLater();
				});
			}
		}

		private void letOneLook() {
			CompletableFuture<Void> first = this.changes.peek();
			if (first != null) {
				first.complete(null);
			}
		}

		void close() {
			Registration registered;
			synchronized (this) {
				this.closed = true;
				registered = this.registration;
				if (this.timer != null) {
					this.timer.cancel();
				}
			}
			if (registered != null) {
				registered.close();
			}
		}

	}

}
