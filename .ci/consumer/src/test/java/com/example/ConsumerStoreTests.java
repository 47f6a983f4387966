package com.example;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreContract;

/**
 * Tests a store by the contract that this project publishes.
 */
class ConsumerStoreTests extends IdempotencyStoreContract {

	private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

	private final IdempotencyStore store = new MemoryIdempotencyStore(100_000, this.now::get);

	@Override
	protected IdempotencyStore store() {
		return this.store;
	}

	@Override
	protected void advance(Duration duration) {
		this.now.updateAndGet((instant) -> instant.plus(duration));
	}

}
