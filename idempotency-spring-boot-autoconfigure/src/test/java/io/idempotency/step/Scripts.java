package io.idempotency.step;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

/**
 * What handlers do, by the keys of their requests.
 */
final class Scripts {

	private final Map<String, Script> scripts = new ConcurrentHashMap<>();

	/**
	 * Says what the next attempts with a key do.
	 */
	void set(String key, Script script) {
		this.scripts.put(key, script);
	}

	String play(String key, IdempotencyContext context) throws Exception {
		return Objects.toString(Objects.requireNonNull(this.scripts.get(key)).run(context));
	}

	@FunctionalInterface
	interface Script {

		@Nullable Object run(IdempotencyContext context) throws Exception;

	}

}
