package io.idempotency.test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.idempotency.memory.MemoryIdempotencyStore;

import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.support.AbstractTestExecutionListener;

/**
 * Empties the memory stores of an application context after each test method, unless the
 * test class is annotated with {@link KeepIdempotencyRecords}.
 */
final class MemoryStoreTestExecutionListener extends AbstractTestExecutionListener {

	private static final String STORES = MemoryStoreTestExecutionListener.class.getName() + ".stores";

	/**
	 * How many running test methods use each store. Test methods that run in parallel may
	 * share an application context, and one must not remove the records of another.
	 */
	private static final Map<MemoryIdempotencyStore, Integer> users = new HashMap<>();

	@Override
	public void beforeTestMethod(TestContext testContext) {
		if (testContext.hasApplicationContext()) {
			Stores stores = new Stores(testContext.getApplicationContext()
				.getBeanProvider(MemoryIdempotencyStore.class, false)
				.stream()
				.toList());
			testContext.setAttribute(STORES, stores);
			synchronized (users) {
				stores.all().forEach((store) -> users.merge(store, 1, Integer::sum));
			}
		}
	}

	@Override
	public void afterTestMethod(TestContext testContext) {
		if (testContext.removeAttribute(STORES) instanceof Stores stores) {
			boolean keep = TestContextAnnotationUtils.hasAnnotation(testContext.getTestClass(),
					KeepIdempotencyRecords.class);
			synchronized (users) {
				stores.all().forEach((store) -> release(store, keep));
			}
		}
	}

	private static void release(MemoryIdempotencyStore store, boolean keep) {
		Integer others = users.computeIfPresent(store, (key, count) -> (count > 1) ? count - 1 : null);
		if (others == null && !keep) {
			store.clear();
		}
	}

	/**
	 * The memory stores that a test method uses.
	 *
	 * @param all the stores
	 */
	private record Stores(List<MemoryIdempotencyStore> all) {

	}

}
