package io.idempotency.benchmark;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Measures how long {@link StoreOperations} take and how much they allocate, with JMH.
 */
class StoreBenchmark {

	@Test
	void measureStores() throws RunnerException {
		new Runner(new OptionsBuilder().include(StoreOperations.class.getName())
			.forks(1)
			.threads(Integer.getInteger("benchmark.threads", 1))
			.warmupIterations(3)
			.warmupTime(TimeValue.seconds(2))
			.measurementIterations(5)
			.measurementTime(TimeValue.seconds(2))
			.addProfiler(GCProfiler.class)
			.build()).run();
	}

}
