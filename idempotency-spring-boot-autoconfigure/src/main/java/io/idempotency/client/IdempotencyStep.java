package io.idempotency.client;

import java.util.Map;
import java.util.function.Consumer;

import io.idempotency.IdempotencyContext;

import org.springframework.util.Assert;

/**
 * Names a call among those that a protected handler makes, so that its key is derived
 * from the handler's request and is the same when the handler has to run again:
 * {@code client.post().uri("/captures").attributes(IdempotencyStep.named("capture"))}.
 * <p>
 * The handler's request is that of the thread that makes the call, or for a
 * {@code WebClient} of the thread that calls {@code post()} or the like. Without one, or
 * if it has no key, the call has a fresh key. On threads of your own, send
 * {@link IdempotencyContext#derivedKey(String)} in the header instead.
 * <p>
 * Two calls to one service that share a name within a run are one operation to that
 * service: name those of a loop by what they are about, such as
 * {@code "capture " + item.id()}.
 */
public final class IdempotencyStep {

	/**
	 * The name of the request attribute that holds the step's name, for clients that take
	 * attributes in another way, such as HTTP interfaces by {@code @RequestAttribute}.
	 */
	public static final String ATTRIBUTE = "io.idempotency.client.step";

	private IdempotencyStep() {
	}

	/**
	 * Names the call that a request makes.
	 * @param name the name, which must be the same whenever the handler runs
	 * @return to be given to {@code attributes(…)} of a {@code RestClient} or
	 * {@code WebClient}
	 */
	public static Consumer<Map<String, Object>> named(String name) {
		Assert.hasText(name, "A step must have a name");
		return (attributes) -> attributes.put(ATTRIBUTE, name);
	}

}
