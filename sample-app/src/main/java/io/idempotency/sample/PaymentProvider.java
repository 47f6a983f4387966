package io.idempotency.sample;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * Client of the payment provider, which is another service. The provider supports
 * idempotency keys: requests with the same key are charged once.
 */
@Component
class PaymentProvider {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final Environment environment;

	private final RestClient client;

	private final AtomicInteger captures = new AtomicInteger();

	PaymentProvider(Environment environment) {
		this.environment = environment;
		JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory();
		requests.setReadTimeout(PATIENCE);
		this.client = RestClient.builder().requestFactory(requests).build();
	}

	/**
	 * Makes a charge, only once for each key.
	 * @throws OrderException if the provider did not confirm the charge, for example
	 * because an earlier request with the key is in progress; it is then unknown whether
	 * the charge was or will be made, until the same request is sent again
	 */
	Charge capture(PaymentRequest request, String key) {
		this.captures.incrementAndGet();
		try {
			return Objects.requireNonNull(this.client.post()
				.uri(url() + "/provider/charges")
				.header(keyHeader(), '"' + key + '"')
				.contentType(MediaType.APPLICATION_JSON)
				.body(request)
				.retrieve()
				.body(Charge.class));
		}
		catch (RestClientException ex) {
			throw OrderException.notCaptured(ex);
		}
		finally {
			this.captures.decrementAndGet();
		}
	}

	/**
	 * Returns how many requests of this instance the provider has not answered yet.
	 */
	int unanswered() {
		return this.captures.get();
	}

	private String keyHeader() {
		return this.environment.getRequiredProperty("sample.provider.key-header");
	}

	/**
	 * Returns the provider's URL. It is read on each call, because the service does not
	 * know its own port before it has started.
	 */
	private String url() {
		return this.environment.getRequiredProperty("sample.provider.url");
	}

}
