package io.idempotency.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.NotAcknowledgedException;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.testing.DelegatingStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Claims that a store takes and does not make safe.
 */
@Tag("quick")
class NotAcknowledgedClaimTests {

	private static final StoredResponse RESPONSE = new StoredResponse(201, List.of(), new byte[] { 1 });

	private final RecordKey key = RecordKey.random();

	private final ScriptedStore records = new ScriptedStore();

	private final AtomicBoolean behind = new AtomicBoolean();

	private final DelegatingStore store = new DelegatingStore(this.records) {

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			Acquisition acquisition = super.acquire(lease, fingerprint, terms);
			if (acquisition instanceof Acquisition.Acquired && NotAcknowledgedClaimTests.this.behind.get()) {
				throw new NotAcknowledgedException("Replicas are behind");
			}
			return acquisition;
		}

	};

	private final IdempotencyEngine engine = new IdempotencyEngine(new EngineSettings(Duration.ofMillis(300), true),
			new IdempotencyListeners(List.of()), StoreObserver.NONE);

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void isReleasedAtOnceAndSaysNothingOfOtherKeys() {
		this.behind.set(true);
		for (int i = 1; i <= 10; i++) {
			assertThat(begin()).isInstanceOfSatisfying(Attempt.StoreUnavailable.class,
					(refused) -> assertThat(refused.cause()).isInstanceOf(NotAcknowledgedException.class));
			assertThat(this.records.calls("release")).isEqualTo(i);
		}
		this.behind.set(false);
		assertThat(begin()).isInstanceOf(Attempt.Proceed.class);
	}

	@Test
	void isKeptForHandlerThatRunsAndHasLostItsRecord() {
		Attempt.Proceed first = (Attempt.Proceed) begin();
		this.behind.set(true);
		this.records.loseRecords();
		await().until(() -> this.records.calls("acquire") >= 2);
		assertThat(begin()).isEqualTo(new Attempt.InProgress());
		first.execution().complete(RESPONSE);
		assertThat(begin()).isEqualTo(new Attempt.Replay(RESPONSE));
		assertThat(this.records.calls("release")).isZero();
	}

	private Attempt begin() {
		return this.engine.begin(new Claim(this.store, this.key, Fingerprint.ANY, Expiry.after(Duration.ofHours(1)),
				"POST /", Entry.HTTP));
	}

}
