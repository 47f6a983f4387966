package io.idempotency.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.Function;

import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredRecord;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

class SettableClockTests {

	private static final RecordKey KEY = new RecordKey("ab".repeat(32));

	private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofSeconds(30), null);

	private final WebApplicationContextRunner context = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(MemoryIdempotencyAutoConfiguration.class));

	private final SettableClock clock = new SettableClock(Instant.EPOCH);

	@Test
	void standsStillUntilAdvanced() {
		assertThat(this.clock.instant()).isEqualTo(Instant.EPOCH);
		this.clock.advance(Duration.ofHours(1));
		this.clock.advance(Duration.ZERO);
		assertThat(this.clock.instant()).isEqualTo(Instant.EPOCH.plusSeconds(3600));
	}

	@Test
	void startsNowAndDoesNotGoBack() {
		SettableClock now = new SettableClock();
		assertThat(now.instant()).isBeforeOrEqualTo(Instant.now());
		assertThatIllegalArgumentException().isThrownBy(() -> now.advance(Duration.ofMillis(-1)));
	}

	// S4
	@Test
	void letsResponsesOfStoreInMemoryExpire() {
		this.context.withBean(SettableClock.class, () -> this.clock).run((context) -> {
			MemoryIdempotencyStore store = context.getBean(MemoryIdempotencyStore.class);
			Lease lease = Lease.of(KEY);
			store.acquire(lease, Fingerprint.ANY, TERMS);
			store.complete(lease, new ResponseNotStored(), Expiry.after(Duration.ofHours(24)));
			this.clock.advance(Duration.ofHours(24).minusNanos(1));
			assertThat(store.find(KEY).map(StoredRecord::content)).containsInstanceOf(Acquisition.Completed.class);
			this.clock.advance(Duration.ofNanos(1));
			assertThat(store.find(KEY)).isEmpty();
		});
	}

	@Test
	void isNotAnyClockOfApplication() {
		this.context.withBean(Clock.class, () -> Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)).run((context) -> {
			MemoryIdempotencyStore store = context.getBean(MemoryIdempotencyStore.class);
			store.acquire(Lease.of(KEY), Fingerprint.ANY, new LeaseTerms(Duration.ofMillis(1), null));
			await().untilAsserted(() -> assertThat(store.find(KEY)).isEmpty());
		});
	}

	@Test
	void clearedStoreKnowsNoKeyAndHasRoomAgain() {
		MemoryIdempotencyStore store = new MemoryIdempotencyStore(2, this.clock);
		Function<String, Acquisition> acquire = (key) -> store.acquire(Lease.of(new RecordKey(key.repeat(32))),
				Fingerprint.ANY, TERMS);
		assertThat(acquire.apply("aa")).isInstanceOf(Acquisition.Acquired.class);
		this.clock.advance(Duration.ofMinutes(1));
		assertThat(acquire.apply("bb")).isInstanceOf(Acquisition.Acquired.class);
		store.clear();
		assertThat(acquire.apply("bb")).isInstanceOf(Acquisition.Acquired.class);
		assertThat(acquire.apply("aa")).isInstanceOf(Acquisition.Acquired.class);
	}

}
