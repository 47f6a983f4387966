package io.idempotency.client;

import java.util.Map;
import java.util.function.Consumer;

import io.idempotency.IdempotencyContext;

import org.springframework.util.Assert;

/**
 * Names a call that a protected handler makes. The key of the call is then derived from
 * the handler's request, so that it stays the same if the handler has to run again:
 * {@code client.post().uri("/captures").attributes(IdempotencyStep.named("capture"))}.
 * <p>
 * The handler's request is found by the thread that makes the call. For a
 * {@code WebClient}, this is the thread that calls {@code post()} or a similar method. If
 * there is no such request, or if it has no key, the call gets a new key. On threads that
 * the application starts itself, set the header to
 * {@link IdempotencyContext#derivedKey(String)} instead.
 * <p>
 * If two calls in one run of the handler have the same name, they have the same key, so
 * that the called service treats them as one operation. Give the calls in a loop
 * different names, such as {@code "capture " + item.id()}.
 */
public final class IdempotencyStep {

	/**
	 * The name of the request attribute that holds the name of the step. Use it for
	 * clients that set attributes in another way, such as HTTP interfaces with
	 * {@code @RequestAttribute}.
	 */
	public static final String ATTRIBUTE = "io.idempotency.client.step";

	private IdempotencyStep() {
	}

	/**
	 * Returns a consumer that sets the name of a call.
	 * @param name the name, which must be the same each time the handler runs
	 * @return the consumer to pass to {@code attributes(…)} of a {@code RestClient} or
	 * {@code WebClient}
	 */
	public static Consumer<Map<String, Object>> named(String name) {
		Assert.hasText(name, "A step must have a name");
		return (attributes) -> attributes.put(ATTRIBUTE, name);
	}

}
