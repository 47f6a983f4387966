package io.idempotency.client;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Gives the requests of a {@code WebClient} an idempotency key, unless the caller has set
 * the header. All subscriptions to one request share its key, those of {@code retry()}
 * among them.
 */
public final class IdempotencyKeyFilter implements ExchangeFilterFunction {

	private final OutgoingKeys keys;

	/**
	 * Creates a filter.
	 * @param properties which requests get a key, and in which header
	 * @param source makes the keys that are not derived from a handler's request
	 */
	public IdempotencyKeyFilter(IdempotencyClientProperties properties, IdempotencyKeySource source) {
		this.keys = new OutgoingKeys(properties, source);
	}

	/**
	 * Puts this filter before the others of a client. A filter that is added by itself
	 * gives each subscription a key of its own.
	 * @param builder the client's builder
	 */
	public void addTo(WebClient.Builder builder) {
		builder.defaultRequest((request) -> request.attribute(Call.ATTRIBUTE, new Call()));
		builder.filters((filters) -> filters.add(0, this));
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		if (this.keys.isGiven(request.headers())) {
			return next.exchange(request);
		}
		Call call = (Call) request.attribute(Call.ATTRIBUTE).orElseGet(Call::new);
		String key = call.key((run) -> keyOf(request, run));
		return next.exchange((key != null)
				? ClientRequest.from(request).headers((headers) -> headers.set(this.keys.header(), key)).build()
				: request);
	}

	private @Nullable String keyOf(ClientRequest request, @Nullable HandlerRun run) {
		Object step = request.attributes().get(IdempotencyStep.ATTRIBUTE);
		return this.keys.keyOf(request.method(), request.url(), step, run);
	}

	/**
	 * A request that is being described. That happens on the thread of the handler, while
	 * a subscription may come on any.
	 */
	private static final class Call {

		private static final String ATTRIBUTE = Call.class.getName();

		private final @Nullable HandlerRun run = HandlerRun.current();

		private @Nullable String key;

		synchronized @Nullable String key(Function<@Nullable HandlerRun, @Nullable String> source) {
			if (this.key == null) {
				this.key = source.apply(this.run);
			}
			return this.key;
		}

	}

}
