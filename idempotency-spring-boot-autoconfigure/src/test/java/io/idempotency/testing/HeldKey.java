package io.idempotency.testing;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.method.IdempotencyOperations;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A key that another call is at work with, until the test ends that.
 */
public final class HeldKey {

	private final CountDownLatch end = new CountDownLatch(1);

	private final CompletableFuture<Void> work;

	private volatile boolean fails;

	private HeldKey(IdempotencyOperations operations, String operation, String key) {
		CountDownLatch begun = new CountDownLatch(1);
		this.work = CompletableFuture.runAsync(() -> operations.executeWithoutResult(operation, key, (context) -> {
			begun.countDown();
			await(this.end);
			if (this.fails) {
				throw new IllegalArgumentException("The work with the key has failed");
			}
		}));
		await(begun);
	}

	/**
	 * Begins to work with a key.
	 */
	public static HeldKey hold(IdempotencyOperations operations, String operation, String key) {
		return new HeldKey(operations, operation, key);
	}

	/**
	 * Ends the work with success.
	 */
	public void complete() {
		this.end.countDown();
		this.work.join();
	}

	/**
	 * Ends the work with a failure, so that the key is free.
	 */
	public void fail() {
		this.fails = true;
		this.end.countDown();
		assertThat(this.work.handle((nothing, failure) -> failure).join()).isNotNull();
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
