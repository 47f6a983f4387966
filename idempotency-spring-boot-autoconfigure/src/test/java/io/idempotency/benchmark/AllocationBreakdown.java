package io.idempotency.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/**
 * Records who allocates, and says which code of the starter does most of it.
 */
final class AllocationBreakdown implements AutoCloseable {

	private static final String EVENT = "jdk.ObjectAllocationSample";

	private static final String APPLICATION = "(what the starter does not allocate)";

	private static final String DITHER = "(dither)";

	private static final int LINES = 40;

	private final Recording recording = new Recording();

	private final AllocationDither dither;

	AllocationBreakdown(AllocationDither dither) {
		this.dither = dither;
		dither.enable(true);
		this.recording.enable(EVENT).withStackTrace().with("throttle", "100000/s");
		this.recording.start();
	}

	/**
	 * Ends the recording.
	 * @param file where to write it
	 * @param threads whose allocations are counted
	 * @param requests how many requests were sent meanwhile
	 * @return bytes per request by class and by the innermost method of the starter, and
	 * the method that it called
	 */
	String stop(Path file, ServerThreads threads, int requests) throws IOException {
		this.recording.stop();
		Files.createDirectories(file.getParent());
		this.recording.dump(file);
		Map<String, Long> sites = new HashMap<>();
		Set<Long> sampled = new HashSet<>();
		int samples = 0;
		List<RecordedEvent> events = new ArrayList<>(RecordingFile.readAllEvents(file));
		events.removeIf((event) -> !event.getEventType().getName().equals(EVENT));
		events.sort(Comparator.comparing(RecordedEvent::getStartTime));
		for (RecordedEvent event : events) {
			long thread = event.getThread().getJavaThreadId();
			// A thread's first sample also stands for what it allocated before.
			if (threads.contains(thread) && !sampled.add(thread)) {
				samples++;
				sites.merge(site(event), event.getLong("weight"), Long::sum);
			}
		}
		sites.remove(DITHER);
		StringBuilder report = new StringBuilder("%s (%d samples)%n".formatted(file, samples));
		sites.entrySet()
			.stream()
			.sorted(Map.Entry.<String, Long>comparingByValue().reversed())
			.limit(LINES)
			.forEach((entry) -> report.append("%10d  %s%n".formatted(entry.getValue() / requests, entry.getKey())));
		return report.toString();
	}

	private static String site(RecordedEvent event) {
		RecordedStackTrace stackTrace = event.getStackTrace();
		List<RecordedFrame> frames = (stackTrace != null) ? stackTrace.getFrames() : List.of();
		String type = event.getClass("objectClass").getName();
		for (int i = 0; i < frames.size(); i++) {
			if (frames.get(i).getMethod().getName().equals("allocate")
					&& frames.get(i).getMethod().getType().getName().equals(AllocationDither.class.getName())) {
				return DITHER;
			}
			if (isStarter(frames.get(i))) {
				boolean passesOn = i > 0 && frames.get(i - 1).getMethod().getName().equals("doFilter");
				return passesOn ? APPLICATION
						: type + "  " + name(frames.get(i)) + ((i > 0) ? " > " + name(frames.get(i - 1)) : "");
			}
		}
		return APPLICATION;
	}

	private static boolean isStarter(RecordedFrame frame) {
		String type = frame.getMethod().getType().getName();
		return type.startsWith("io.idempotency.") && !type.startsWith(AllocationBreakdown.class.getPackageName());
	}

	private static String name(RecordedFrame frame) {
		String type = frame.getMethod().getType().getName();
		return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName() + ":"
				+ frame.getLineNumber();
	}

	@Override
	public void close() {
		this.dither.enable(false);
		this.recording.close();
	}

}
