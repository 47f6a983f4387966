package io.idempotency.testing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Handlers that wait for a test, by the keys of their requests.
 */
public final class HeldHandlers {

	private final Map<String, Held> held = new ConcurrentHashMap<>();

	/**
	 * Makes the handler of a key wait for the test.
	 */
	public Held hold(String key) {
		Held hold = new Held(new CountDownLatch(1), new CountDownLatch(1));
		this.held.put(key, hold);
		return hold;
	}

	/**
	 * Called by a handler: waits, for no longer than a minute, if it is to.
	 */
	public void pass(String key) throws InterruptedException {
		Held hold = this.held.get(key);
		if (hold != null) {
			hold.started().countDown();
			hold.mayEnd().await(1, TimeUnit.MINUTES);
		}
	}

	/**
	 * A handler that waits.
	 *
	 * @param started opened by the handler
	 * @param mayEnd to be opened by the test
	 */
	public record Held(CountDownLatch started, CountDownLatch mayEnd) {

		public void awaitStart() {
			try {
				assertThat(this.started.await(1, TimeUnit.MINUTES)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
