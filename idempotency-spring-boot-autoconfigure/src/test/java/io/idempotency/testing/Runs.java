package io.idempotency.testing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts how often handlers ran, by a name that the test chooses: a key, or a path.
 */
public final class Runs {

	private final Map<String, Integer> counts = new ConcurrentHashMap<>();

	/**
	 * Counts a run, and returns which it was, from 1.
	 */
	public int next(String name) {
		return this.counts.merge(name, 1, Integer::sum);
	}

	public int count(String name) {
		return this.counts.getOrDefault(name, 0);
	}

}
