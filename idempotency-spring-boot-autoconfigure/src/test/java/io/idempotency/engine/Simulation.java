package io.idempotency.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;

import org.jspecify.annotations.Nullable;

/**
 * A world with one time, in which one thing happens after the other. Tasks run on threads
 * of their own, of which exactly one moves at a time, so that a seed decides everything.
 */
final class Simulation {

	private static final ExecutorService THREADS = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "simulated");
		thread.setDaemon(true);
		return thread;
	});

	private final PriorityQueue<Event> events = new PriorityQueue<>();

	private final Semaphore turn = new Semaphore(0);

	private final Random random;

	private @Nullable Fiber current;

	private long now = Duration.ofDays(1).toNanos();

	private long sequence;

	private long trace = 17;

	private @Nullable Throwable failure;

	Simulation(long seed) {
		this.random = new Random(seed);
	}

	Random random() {
		return this.random;
	}

	long now() {
		return this.now;
	}

	/**
	 * Returns a number that tells one course of events from another.
	 */
	long trace() {
		return this.trace;
	}

	Event schedule(Duration delay, @Nullable Instance instance, Runnable task) {
		Event event = new Event(this.now + delay.toNanos(), this.sequence++, instance, task, null);
		this.events.add(event);
		return event;
	}

	/**
	 * Lets the current task go on later.
	 */
	void sleep(Duration duration) {
		Fiber fiber = current();
		this.events.add(new Event(this.now + duration.toNanos(), this.sequence++, fiber.instance, null, fiber));
		fiber.pause();
	}

	/**
	 * Lets the current task go on when something has happened.
	 */
	void await(CompletableFuture<Void> change) {
		Fiber fiber = current();
		change.whenComplete(
				(nothing, ex) -> this.events.add(new Event(this.now, this.sequence++, fiber.instance, null, fiber)));
		fiber.pause();
	}

	private Fiber current() {
		if (this.current == null) {
			throw new IllegalStateException("Nothing runs");
		}
		return this.current;
	}

	/**
	 * Runs until nothing is left to happen.
	 * @param end when it has to be over
	 */
	void run(Duration end) {
		long last = this.now + end.toNanos();
		Event event = this.events.poll();
		while (event != null) {
			if (event.time > last) {
				throw new AssertionError("It does not come to an end");
			}
			this.now = Math.max(this.now, event.time);
			run(event);
			if (this.failure != null) {
				throw new AssertionError(this.failure);
			}
			event = this.events.poll();
		}
	}

	private void run(Event event) {
		Instance instance = event.instance;
		if (event.cancelled) {
			return;
		}
		if (instance != null && instance.pausedUntil > this.now) {
			this.events.add(new Event(instance.pausedUntil, this.sequence++, instance, event.task, event.fiber));
			return;
		}
		this.trace = this.trace * 31 + this.now;
		Fiber fiber = event.fiber;
		if (fiber == null) {
			if (instance != null && instance.killed) {
				return;
			}
			fiber = new Fiber(instance, event.task);
		}
		this.current = fiber;
		fiber.go();
		this.turn.acquireUninterruptibly();
		this.current = null;
	}

	/**
	 * The time and the threads of an engine in this world.
	 */
	Scheduling scheduling(Instance instance, int slowness) {
		return new Scheduling() {

			@Override
			public long nanoTime() {
				return Simulation.this.now;
			}

			@Override
			public void lock(Lock lock) {
				while (!lock.tryLock()) {
					sleep(Duration.ofMillis(1));
				}
			}

			@Override
			public Lane lane(String purpose, int threads) {
				instance.lanes.add(purpose);
				return new Lane() {

					private boolean closed;

					@Override
					public Timer schedule(Duration delay, Runnable task) {
						Duration slowed = purpose.equals("renewal") ? delay.multipliedBy(slowness) : delay;
						Event event = Simulation.this.schedule(slowed, instance, () -> {
							if (!this.closed) {
								task.run();
							}
						});
						return () -> event.cancelled = true;
					}

					@Override
					public void close() {
						this.closed = true;
					}

				};
			}

		};
	}

	/**
	 * A process.
	 */
	static final class Instance {

		private final List<String> lanes = new ArrayList<>();

		private long pausedUntil;

		private boolean killed;

		void pauseUntil(long time) {
			this.pausedUntil = time;
		}

		void kill() {
			this.killed = true;
		}

		boolean isKilled() {
			return this.killed;
		}

	}

	/**
	 * Something that is to happen.
	 */
	static final class Event implements Comparable<Event> {

		private final long time;

		private final long sequence;

		private final @Nullable Instance instance;

		private final @Nullable Runnable task;

		private final @Nullable Fiber fiber;

		private boolean cancelled;

		private Event(long time, long sequence, @Nullable Instance instance, @Nullable Runnable task,
				@Nullable Fiber fiber) {
			this.time = time;
			this.sequence = sequence;
			this.instance = instance;
			this.task = task;
			this.fiber = fiber;
		}

		@Override
		public int compareTo(Event other) {
			int byTime = Long.compare(this.time, other.time);
			return (byTime != 0) ? byTime : Long.compare(this.sequence, other.sequence);
		}

	}

	/**
	 * A task that has begun. Until it ends or pauses, nothing else happens.
	 */
	private final class Fiber {

		private final Semaphore mayGo = new Semaphore(0);

		private final @Nullable Instance instance;

		private final @Nullable Runnable task;

		private boolean begun;

		Fiber(@Nullable Instance instance, @Nullable Runnable task) {
			this.instance = instance;
			this.task = task;
		}

		void go() {
			if (this.begun) {
				this.mayGo.release();
				return;
			}
			this.begun = true;
			THREADS.execute(this::runTask);
		}

		private void runTask() {
			try {
				if (this.task != null) {
					this.task.run();
				}
			}
			catch (Killed ex) {
				// The process is gone.
			}
			catch (Throwable ex) {
				Simulation.this.failure = ex;
			}
			Simulation.this.turn.release();
		}

		void pause() {
			Simulation.this.turn.release();
			this.mayGo.acquireUninterruptibly();
			if (this.instance != null && this.instance.killed) {
				throw new Killed();
			}
		}

	}

	/**
	 * The end of a process, as seen by one of its threads.
	 */
	static final class Killed extends Error {

		private static final long serialVersionUID = 1;

		Killed() {
			super("killed", null, false, false);
		}

	}

}
