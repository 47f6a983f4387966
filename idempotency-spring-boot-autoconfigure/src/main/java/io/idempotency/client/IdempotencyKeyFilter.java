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
 * Adds an idempotency key to the requests of a {@code WebClient}, unless the caller has
 * set the header. All subscriptions to one request have the same key, including those of
 * {@code retry()}.
 */
public final class IdempotencyKeyFilter implements ExchangeFilterFunction {

	private final OutgoingKeys keys;

	/**
	 * Creates a filter.
	 * @param properties say which requests get a key, and in which header
	 * @param source creates the keys that are not derived from the key of a handler
	 */
	public IdempotencyKeyFilter(IdempotencyClientProperties properties, IdempotencyKeySource source) {
		this.keys = new OutgoingKeys(properties, source);
	}

	/**
	 * Adds this filter before the other filters of a client. If the filter is added in
	 * another way, each subscription gets a different key.
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
	 * Remembers the handler run and the key of one request. It is created on the
	 * handler's thread, while a subscription may happen on any thread.
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
