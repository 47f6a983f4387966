package io.idempotency.benchmark;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import com.sun.management.ThreadMXBean;

/**
 * The threads that were started since this was made: those of the server, and those that
 * the starter runs in the background. The client's is not one of them, since it makes
 * this.
 */
final class ServerThreads {

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private final Set<Long> others = Arrays.stream(THREADS.getAllThreadIds()).boxed().collect(Collectors.toSet());

	boolean contains(long thread) {
		return !this.others.contains(thread);
	}

	/**
	 * Returns how much each thread has allocated since it was started.
	 */
	Allocated allocated() {
		long[] threads = Arrays.stream(THREADS.getAllThreadIds()).filter(this::contains).toArray();
		long[] bytes = THREADS.getThreadAllocatedBytes(threads);
		Map<Long, Long> allocated = new HashMap<>();
		for (int i = 0; i < threads.length; i++) {
			if (bytes[i] != -1) {
				allocated.put(threads[i], bytes[i]);
			}
		}
		return new Allocated(allocated);
	}

	/**
	 * What the threads had allocated at one time.
	 *
	 * @param bytes for each thread by its id
	 */
	record Allocated(Map<Long, Long> bytes) {

		/**
		 * Returns how much was allocated between an earlier time and this one, without
		 * what threads did that have ended in between.
		 */
		long since(Allocated earlier) {
			return this.bytes.entrySet()
				.stream()
				.mapToLong((entry) -> entry.getValue() - earlier.bytes.getOrDefault(entry.getKey(), 0L))
				.sum();
		}

	}

}
