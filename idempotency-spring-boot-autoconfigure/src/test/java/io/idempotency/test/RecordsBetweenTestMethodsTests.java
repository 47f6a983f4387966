package io.idempotency.test;

import java.lang.reflect.Method;
import java.time.Duration;

import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.util.ReflectionUtils;

import static io.idempotency.test.IdempotencyRequestPostProcessors.idempotencyKey;
import static io.idempotency.test.IdempotencyResultMatchers.notReplayed;
import static io.idempotency.test.IdempotencyResultMatchers.replayed;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Test methods share an application context, but not its records.
 */
class RecordsBetweenTestMethodsTests {

	private static final RequestPostProcessor KEY = idempotencyKey("same-key-in-each-test");

	@Nested
	@WebMvcTest(Orders.class)
	class SliceTests {

		@RepeatedTest(2)
		void doesNotKnowKeyOfEarlierMethod(@Autowired MockMvcTester mvc) {
			assertThat(mvc.post().uri("/orders").with(KEY)).hasStatus(201).matches(notReplayed());
			assertThat(mvc.post().uri("/orders").with(KEY)).hasStatus(201).matches(replayed());
		}

	}

	@Nested
	@SpringBootTest(classes = MockMvcTests.Application.class, properties = "idempotency.store=memory")
	@AutoConfigureMockMvc
	class WholeApplicationTests {

		@RepeatedTest(2)
		void doesNotKnowKeyOfEarlierMethod(@Autowired MockMvcTester mvc) {
			assertThat(mvc.post().uri("/orders").with(KEY)).hasStatus(201).matches(notReplayed());
			assertThat(mvc.post().uri("/orders").with(KEY)).hasStatus(201).matches(replayed());
		}

	}

	@Nested
	@WebMvcTest(Orders.class)
	@KeepIdempotencyRecords
	class ScenarioTests {

		private static final RequestPostProcessor KEPT = idempotencyKey();

		@RepeatedTest(2)
		void knowsKeyOfEarlierMethod(RepetitionInfo repetition, @Autowired MockMvcTester mvc) {
			boolean first = repetition.getCurrentRepetition() == 1;
			assertThat(mvc.post().uri("/orders").with(KEPT)).hasStatus(201).matches(first ? notReplayed() : replayed());
		}

	}

	@Nested
	class ParallelTests {

		@Test
		void keepsRecordsWhileAnotherMethodRuns() throws Exception {
			TestContextManager one = new TestContextManager(Sample.class);
			TestContextManager other = new TestContextManager(Sample.class);
			Sample sample = new Sample();
			Method method = ReflectionUtils.getUniqueDeclaredMethods(Sample.class)[0];
			one.prepareTestInstance(sample);
			other.prepareTestInstance(sample);
			one.beforeTestMethod(sample, method);
			other.beforeTestMethod(sample, method);
			assertThat(sample.acquire()).isInstanceOf(Acquisition.Acquired.class);
			one.afterTestMethod(sample, method, null);
			assertThat(sample.acquire()).isInstanceOf(Acquisition.InProgress.class);
			other.afterTestMethod(sample, method, null);
			assertThat(sample.acquire()).isInstanceOf(Acquisition.Acquired.class);
		}

	}

	@ContextConfiguration(classes = Stores.class)
	static class Sample {

		private static final RecordKey KEY = RecordKey.random();

		@Autowired
		private MemoryIdempotencyStore store;

		Acquisition acquire() {
			return this.store.acquire(Lease.of(KEY), Fingerprint.ANY, new LeaseTerms(Duration.ofMinutes(1), null));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Stores {

		@Bean
		MemoryIdempotencyStore store() {
			return new MemoryIdempotencyStore(10);
		}

	}

}
