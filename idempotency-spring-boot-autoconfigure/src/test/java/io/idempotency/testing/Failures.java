package io.idempotency.testing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often work with a name is to fail before it succeeds.
 */
public final class Failures {

	private final Map<String, Integer> left = new ConcurrentHashMap<>();

	private final Map<String, Runnable> actions = new ConcurrentHashMap<>();

	public void plan(String name, int times) {
		this.left.put(name, times);
	}

	/**
	 * Says what happens before work with a name fails.
	 */
	public void before(String name, Runnable action) {
		this.actions.put(name, action);
	}

	/**
	 * Fails if that is planned.
	 */
	public void next(String name) {
		Integer before = this.left.put(name, Math.max(0, this.left.getOrDefault(name, 0) - 1));
		if (before != null && before > 0) {
			this.actions.getOrDefault(name, () -> {
			}).run();
			throw new IllegalStateException("Planned failure of " + name);
		}
	}

}
