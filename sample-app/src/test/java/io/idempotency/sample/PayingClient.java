package io.idempotency.sample;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import static org.awaitility.Awaitility.await;

/**
 * Pays, or places orders, at instances that may be away. Its references are its keys.
 */
final class PayingClient {

	private static final Set<Integer> REPEATED = Set.of(409, 503);

	/**
	 * More than a busy machine needs to start an instance several times.
	 */
	private static final Duration PATIENCE = Duration.ofMinutes(5);

	private static final JsonMapper JSON = new JsonMapper();

	private final HttpClient http = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(10))
		.build();

	private final String path;

	private final LongAdder answered = new LongAdder();

	private final Map<String, Integer> cutOff = new ConcurrentHashMap<>();

	private final LongAdder refused = new LongAdder();

	private final LongAdder replayed = new LongAdder();

	PayingClient() {
		this("/payments");
	}

	/**
	 * Creates a client.
	 * @param path what it sends its requests to
	 */
	PayingClient(String path) {
		this.path = path;
	}

	/**
	 * Sends a request with its key to any of some instances, again and again, until it is
	 * answered with success.
	 */
	Answer payUntilAnswered(String reference, List<SampleInstance> instances) {
		return Objects.requireNonNull(await().pollInSameThread()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(100))
			.atMost(PATIENCE)
			.until(() -> successOf(reference, instances.get(ThreadLocalRandom.current().nextInt(instances.size()))),
					Objects::nonNull));
	}

	private @Nullable Answer successOf(String reference, SampleInstance instance) {
		try {
			Answer answer = pay(reference, instance);
			if (!REPEATED.contains(answer.status())) {
				return answer;
			}
			this.refused.increment();
		}
		catch (ConnectException ex) {
			// It has not come up again.
		}
		catch (IOException ex) {
			this.cutOff.merge(reference, 1, Integer::sum);
		}
		return null;
	}

	/**
	 * Sends a request once.
	 * @param headers names and values in turn
	 */
	Answer pay(String reference, SampleInstance instance, String... headers) throws IOException {
		String body = "{\"amount\": \"12.50\", \"currency\": \"EUR\", \"reference\": \"" + reference + "\"}";
		HttpRequest.Builder request = HttpRequest.newBuilder(instance.uri(this.path))
			.timeout(PATIENCE)
			.header("Content-Type", "application/json")
			.header("Idempotency-Key", reference)
			.POST(BodyPublishers.ofString(body));
		if (headers.length > 0) {
			request.headers(headers);
		}
		try {
			HttpResponse<String> response = this.http.send(request.build(), BodyHandlers.ofString());
			this.answered.increment();
			boolean replayed = response.headers().firstValue("Idempotent-Replayed").isPresent();
			if (replayed) {
				this.replayed.increment();
			}
			return new Answer(response.statusCode(), response.body(), replayed);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Returns how many requests with a reference ended without an answer, while they were
	 * handled.
	 */
	int cutOff(String reference) {
		return this.cutOff.getOrDefault(reference, 0);
	}

	@Override
	public String toString() {
		return "%s requests cut off, %s answered, of which %s refused and %s replayed".formatted(
				this.cutOff.values().stream().mapToInt(Integer::intValue).sum(), this.answered, this.refused,
				this.replayed);
	}

	/**
	 * What a client reads.
	 */
	record Answer(int status, String body, boolean replayed) {

		Payment payment() {
			return JSON.readValue(this.body, Payment.class);
		}

		Order order() {
			return JSON.readValue(this.body, Order.class);
		}

	}

}
