package io.idempotency.history;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import io.idempotency.history.Answer.Done;
import io.idempotency.history.Answer.Free;
import io.idempotency.history.Answer.Seen;
import io.idempotency.history.Answer.State;
import io.idempotency.history.Answer.Unknown;
import io.idempotency.history.Call.Kind;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.UnreadableRecordException;

/**
 * A store as one instance of an application sees it. All calls and their answers are put
 * down in a history. The fingerprint and the outcome of a record name their owner.
 */
final class RecordedStore {

	static final Duration LEASE = Duration.ofMillis(400);

	/**
	 * A lapsed lease may be taken over.
	 */
	private static final LeaseTerms TAKEN_OVER = new LeaseTerms(LEASE, null);

	/**
	 * A lapsed lease blocks the record for some time.
	 */
	private static final LeaseTerms ABANDONED = new LeaseTerms(LEASE, Expiry.after(Duration.ofMillis(300)));

	private final IdempotencyStore store;

	private final Collection<Call> history;

	/**
	 * Creates a store that writes a history.
	 * @param store the store itself
	 * @param history where to add the calls; it is safe for use by many threads
	 */
	RecordedStore(IdempotencyStore store, Collection<Call> history) {
		this.store = store;
		this.history = history;
	}

	Answer acquire(int key, int owner) {
		return record(Kind.ACQUIRE, key, owner,
				() -> answer(this.store.acquire(lease(key, owner), new Fingerprint(digest(owner)), terms(key)), key));
	}

	Answer renew(int key, int owner) {
		return record(Kind.RENEW, key, owner, () -> new Done(this.store.renew(lease(key, owner), terms(key))));
	}

	/**
	 * Renews leases of records that have the same terms.
	 * @param keys the record of each owner
	 */
	Map<Integer, Answer> renewAll(Map<Integer, Integer> keys) {
		List<Lease> leases = new ArrayList<>();
		keys.forEach((owner, key) -> leases.add(lease(key, owner)));
		long start = System.nanoTime();
		Map<Lease, ? extends CompletionStage<Boolean>> renewed;
		try {
			renewed = this.store.renewAll(leases, terms(keys.values().iterator().next()));
		}
		catch (RuntimeException ex) {
			renewed = Map.of();
		}
		Map<Integer, Answer> answers = new HashMap<>();
		for (Map.Entry<Integer, Integer> claim : keys.entrySet()) {
			int owner = claim.getKey();
			int key = claim.getValue();
			var stage = renewed.get(lease(key, owner));
			answers.put(owner, add(Kind.RENEW, key, owner, start, (stage != null) ? answer(stage) : new Unknown()));
		}
		return answers;
	}

	private static Answer answer(CompletionStage<Boolean> stage) {
		try {
			return new Done(stage.toCompletableFuture().join());
		}
		catch (CompletionException ex) {
			return new Unknown();
		}
	}

	Answer complete(int key, int owner) {
		StoredResponse outcome = new StoredResponse(201, List.of(), digest(owner).getBytes(StandardCharsets.US_ASCII));
		return record(Kind.COMPLETE, key, owner,
				() -> new Done(this.store.complete(lease(key, owner), outcome, Expiry.after(Duration.ofDays(1)))));
	}

	Answer release(int key, int owner) {
		return record(Kind.RELEASE, key, owner, () -> new Done(this.store.release(lease(key, owner))));
	}

	Answer remove(int key) {
		return record(Kind.REMOVE, key, 0, () -> new Done(this.store.remove(key(key))));
	}

	Answer find(int key) {
		return record(Kind.FIND, key, 0,
				() -> this.store.find(key(key)).map((found) -> answer(found.content(), key)).orElseGet(Free::new));
	}

	private Answer record(Kind kind, int key, int owner, Supplier<Answer> call) {
		long start = System.nanoTime();
		Answer answer;
		try {
			answer = call.get();
		}
		catch (UnreadableRecordException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			answer = new Unknown();
		}
		return add(kind, key, owner, start, answer);
	}

	private Answer add(Kind kind, int key, int owner, long start, Answer answer) {
		this.history.add(new Call(kind, key, owner, start, System.nanoTime(), answer));
		return answer;
	}

	private static Answer answer(Acquisition acquisition, int key) {
		if (acquisition instanceof Acquisition.Acquired acquired) {
			return new Answer.Acquired(acquired.fencingToken());
		}
		if (acquisition instanceof Acquisition.InProgress inProgress) {
			return new Seen(State.IN_PROGRESS, owner(inProgress.fingerprint().hex()));
		}
		if (acquisition instanceof Acquisition.Abandoned abandoned) {
			return new Seen(State.ABANDONED, owner(abandoned.fingerprint().hex()));
		}
		if (acquisition instanceof Acquisition.Completed completed) {
			int owner = owner(completed.outcome());
			if (owner != owner(completed.fingerprint().hex())) {
				throw new AssertionError("Record " + key + " has the outcome of another owner: " + completed);
			}
			return new Seen(State.COMPLETED, owner);
		}
		return new Answer.Removed();
	}

	private static int owner(Outcome outcome) {
		return owner(new String(((StoredResponse) outcome).body(), StandardCharsets.US_ASCII));
	}

	private static int owner(String digest) {
		return Integer.parseInt(digest, 16);
	}

	/**
	 * Returns whether two records have the same terms.
	 */
	static boolean sameTerms(int key, int other) {
		return terms(key) == terms(other);
	}

	private static LeaseTerms terms(int key) {
		return (key % 2 == 0) ? TAKEN_OVER : ABANDONED;
	}

	private static Lease lease(int key, int owner) {
		return new Lease(key(key), "owner " + owner);
	}

	private static RecordKey key(int key) {
		return new RecordKey(digest(key));
	}

	private static String digest(int number) {
		return "%064x".formatted(number);
	}

}
