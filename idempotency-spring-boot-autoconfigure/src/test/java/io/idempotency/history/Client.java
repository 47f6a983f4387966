package io.idempotency.history;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.idempotency.history.Answer.Acquired;
import io.idempotency.history.Answer.Done;
import io.idempotency.history.Answer.Seen;
import io.idempotency.history.Answer.State;
import io.idempotency.history.Answer.Unknown;
import org.jspecify.annotations.Nullable;

/**
 * Uses the store as the engine does: claims records, renews the leases while it works,
 * claims again what it has lost, repeats calls that were not answered, and ends with a
 * completion or a release. It also stops for longer than a lease lasts, and dies. Now and
 * then it removes a record, whoever holds it, as an operator does.
 */
final class Client implements Runnable {

	private static final int ATTEMPTS = 3;

	private static final int ATTEMPTS_TO_COMPLETE = 100;

	private final RecordedStore store;

	private final Keys keys;

	private final AtomicInteger owners;

	private final Random random;

	private final CountDownLatch over;

	/**
	 * The records that are claimed, by owner.
	 */
	private final Map<Integer, Integer> claims = new LinkedHashMap<>();

	/**
	 * Creates a client.
	 * @param store the store, as its instance sees it
	 * @param keys the records that it works on
	 * @param owners counts owners
	 * @param random decides what it does
	 * @param over ends its work
	 */
	Client(RecordedStore store, Keys keys, AtomicInteger owners, Random random, CountDownLatch over) {
		this.store = store;
		this.keys = keys;
		this.owners = owners;
		this.random = random;
		this.over = over;
	}

	@Override
	public void run() {
		while (this.over.getCount() > 0) {
			for (int i = (this.random.nextInt(4) == 0) ? 3 : 1; i > 0; i--) {
				claim(this.keys.pick(this.random), this.owners.incrementAndGet());
			}
			for (int i = this.random.nextInt(5); i > 0 && !this.claims.isEmpty(); i--) {
				pause(Duration.ofMillis(40));
				renew();
			}
			if (this.random.nextInt(12) == 0) {
				pause(RecordedStore.LEASE.multipliedBy(2));
			}
			this.claims.forEach(this::end);
			this.claims.clear();
			if (this.random.nextInt(4) == 0) {
				this.store.find(this.keys.pick(this.random));
			}
			if (this.random.nextInt(20) == 0) {
				this.store.remove(this.keys.pick(this.random));
			}
		}
	}

	private void claim(int key, int owner) {
		Answer answer = repeat(ATTEMPTS, () -> this.store.acquire(key, owner));
		look(answer, key);
		if (answer instanceof Acquired) {
			this.claims.put(owner, key);
		}
		else if (answer instanceof Unknown) {
			repeat(ATTEMPTS, () -> this.store.release(key, owner));
		}
		else {
			pause(Duration.ofMillis(5));
		}
	}

	private void look(Answer answer, int key) {
		if (answer instanceof Seen seen && seen.state() == State.COMPLETED) {
			this.keys.seenCompleted(key);
		}
	}

	private void renew() {
		Map<Integer, Answer> answers = new HashMap<>();
		int any = this.claims.values().iterator().next();
		if (this.random.nextBoolean()
				&& this.claims.values().stream().allMatch((key) -> RecordedStore.sameTerms(key, any))) {
			answers.putAll(this.store.renewAll(this.claims));
		}
		else {
			this.claims.forEach((owner, key) -> answers.put(owner, this.store.renew(key, owner)));
		}
		for (Iterator<Map.Entry<Integer, Integer>> all = this.claims.entrySet().iterator(); all.hasNext();) {
			Map.Entry<Integer, Integer> claim = all.next();
			if (isRefusal(answers.get(claim.getKey())) && !claimsAgain(claim.getValue(), claim.getKey())) {
				all.remove();
			}
		}
	}

	private boolean claimsAgain(int key, int owner) {
		Answer answer = this.store.acquire(key, owner);
		return answer instanceof Acquired || answer instanceof Unknown;
	}

	private void end(int owner, int key) {
		int what = this.random.nextInt(10);
		if (what < 4) {
			complete(key, owner);
		}
		else if (what < 8) {
			repeat(ATTEMPTS, () -> this.store.release(key, owner));
		}
		// Else it has died.
	}

	private void complete(int key, int owner) {
		Answer answer = repeat(ATTEMPTS_TO_COMPLETE, () -> this.store.complete(key, owner));
		if (isRefusal(answer) && claimsAgain(key, owner)) {
			repeat(ATTEMPTS_TO_COMPLETE, () -> this.store.complete(key, owner));
		}
	}

	private static boolean isRefusal(@Nullable Answer answer) {
		return answer instanceof Done done && !done.done();
	}

	private Answer repeat(int attempts, Supplier<Answer> call) {
		Answer answer = call.get();
		for (int i = 1; i < attempts && answer instanceof Unknown; i++) {
			pause(Duration.ofMillis(60));
			answer = call.get();
		}
		return answer;
	}

	private void pause(Duration longest) {
		try {
			this.over.await(this.random.nextLong(longest.toNanos()), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
