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
	 * Returns what each thread has used since it was started.
	 */
	Usage usage() {
		long[] threads = Arrays.stream(THREADS.getAllThreadIds()).filter(this::contains).toArray();
		return new Usage(byThread(threads, THREADS.getThreadAllocatedBytes(threads)),
				byThread(threads, THREADS.getThreadCpuTime(threads)));
	}

	private static Map<Long, Long> byThread(long[] threads, long[] values) {
		Map<Long, Long> known = new HashMap<>();
		for (int i = 0; i < threads.length; i++) {
			if (values[i] != -1) {
				known.put(threads[i], values[i]);
			}
		}
		return known;
	}

	/**
	 * What the threads had used at one time.
	 *
	 * @param bytes what each has allocated, by its id
	 * @param nanoseconds how long each has kept a processor busy, by its id
	 */
	record Usage(Map<Long, Long> bytes, Map<Long, Long> nanoseconds) {

		/**
		 * Returns how much was used between an earlier time and this one, without what
		 * threads did that have ended in between.
		 */
		Cost since(Usage earlier) {
			return new Cost(since(this.bytes, earlier.bytes), since(this.nanoseconds, earlier.nanoseconds));
		}

		private static long since(Map<Long, Long> later, Map<Long, Long> earlier) {
			return later.entrySet()
				.stream()
				.mapToLong((entry) -> entry.getValue() - earlier.getOrDefault(entry.getKey(), 0L))
				.sum();
		}

	}

	/**
	 * What requests cost.
	 *
	 * @param bytes allocated by all threads
	 * @param nanoseconds for which they kept a processor busy
	 */
	record Cost(long bytes, long nanoseconds) {
	}

}
