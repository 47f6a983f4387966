package io.idempotency.client;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

import io.idempotency.client.IdempotencyClientProperties.Retry;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClientRequestException;

/**
 * Repeats a request of a {@code WebClient} that has an idempotency key if the response is
 * lost or says that the request should be repeated later. A request without a key is sent
 * once. After the last attempt, the caller gets the last response or exception unchanged.
 * <p>
 * This filter does not repeat a request whose response body breaks off while the caller
 * reads it. To do that, call {@code retry()} after the body is read. It uses the same
 * key.
 */
public final class KeyedRetryFilter implements ExchangeFilterFunction {

	private final String keyHeader;

	private final Retry retry;

	private final RefusalRules refusals;

	/**
	 * Creates a filter. It must come after the filter that sets keys.
	 * @param keyHeader the header that carries the key
	 * @param retry says when and how often a request is repeated
	 */
	public KeyedRetryFilter(String keyHeader, Retry retry) {
		this.keyHeader = keyHeader;
		this.retry = retry;
		this.refusals = new RefusalRules(retry.statuses(), Clock.systemUTC());
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		if (!StringUtils.hasText(request.headers().getFirst(this.keyHeader))) {
			return next.exchange(request);
		}
		return Mono.defer(() -> {
			RetryPauses pauses = new RetryPauses(this.retry);
			return Mono.defer(() -> next.exchange(request))
				.flatMap(this::answer)
				.retryWhen(reactor.util.retry.Retry
					.from((failures) -> failures.concatMap((failure) -> pause(failure.failure(), pauses))))
				.onErrorResume(RefusedForNowException.class,
						(refused) -> Mono.just(refused.response(ClientResponse.class)));
		});
	}

	private Mono<ClientResponse> answer(ClientResponse response) {
		if (this.refusals.isRefusal(response.statusCode())) {
			return Mono.error(refusal(response));
		}
		if (this.refusals.isProblem(response.statusCode(), contentType(response))) {
			return response.bodyToMono(byte[].class)
				.defaultIfEmpty(new byte[0])
				.flatMap((problem) -> answer(response, problem));
		}
		return Mono.just(response);
	}

	private Mono<ClientResponse> answer(ClientResponse response, byte[] problem) {
		ClientResponse copy = response.mutate()
			.body((consumed) -> Flux.just(DefaultDataBufferFactory.sharedInstance.wrap(problem)))
			.build();
		return this.refusals.isRefusal(problem) ? Mono.error(refusal(copy)) : Mono.just(copy);
	}

	private static @Nullable MediaType contentType(ClientResponse response) {
		try {
			return response.headers().contentType().orElse(null);
		}
		catch (InvalidMediaTypeException ex) {
			return null;
		}
	}

	private RefusedForNowException refusal(ClientResponse response) {
		Duration retryAfter = this.refusals.retryAfter(response.headers().asHttpHeaders());
		return new RefusedForNowException(response, retryAfter);
	}

	private static Mono<Long> pause(Throwable failure, RetryPauses pauses) {
		RefusedForNowException refused = (failure instanceof RefusedForNowException ex) ? ex : null;
		if (refused == null && !(failure instanceof WebClientRequestException) && !(failure instanceof IOException)) {
			return Mono.error(failure);
		}
		long pause = pauses.next((refused != null) ? refused.retryAfter() : null);
		if (pause == BackOffExecution.STOP) {
			return Mono.error(failure);
		}
		Mono<Long> timer = Mono.delay(Duration.ofMillis(pause));
		return (refused != null) ? refused.response(ClientResponse.class).releaseBody().then(timer) : timer;
	}

}
