package io.idempotency.history;

import java.util.Random;

/**
 * The records that clients contend for: some new ones at a time, and now and then one
 * that was completed long ago.
 */
final class Keys {

	private static final int CONTENDED = 6;

	private static final int LOOKS = 10;

	private final int[] keys = new int[CONTENDED];

	private final int[] looks = new int[CONTENDED];

	private int count;

	Keys() {
		for (int i = 0; i < CONTENDED; i++) {
			this.keys[i] = ++this.count;
		}
	}

	synchronized int pick(Random random) {
		return (random.nextInt(10) > 0) ? this.keys[random.nextInt(CONTENDED)] : 1 + random.nextInt(this.count);
	}

	/**
	 * Notes that the record was seen completed. When that was seen often enough, another
	 * one takes its place.
	 */
	synchronized void seenCompleted(int key) {
		for (int i = 0; i < CONTENDED; i++) {
			if (this.keys[i] == key && ++this.looks[i] == LOOKS) {
				this.keys[i] = ++this.count;
				this.looks[i] = 0;
			}
		}
	}

	/**
	 * Returns how many there are; the first is 1.
	 */
	synchronized int count() {
		return this.count;
	}

}
