package io.idempotency.client;

import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;

import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.RequestEntity;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.ResponseErrorHandler;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The clients of Spring, built by the builders of an application.
 */
enum ClientKind {

	REST_CLIENT {
		@Override
		Answer send(TestApp app, Request request) {
			ResponseEntity<String> response = app.bean(RestClient.Builder.class)
				.defaultStatusHandler(HttpStatusCode::isError, (sent, answer) -> {
				})
				.build()
				.method(request.method())
				.uri(URI.create(request.uri()))
				.contentType(MediaType.APPLICATION_JSON)
				.headers((headers) -> headers.addAll(request.headers()))
				.attributes(request.attributes())
				.body(request.body())
				.retrieve()
				.toEntity(String.class);
			return Answer.of(response);
		}
	},

	REST_TEMPLATE {
		@Override
		Answer send(TestApp app, Request request) {
			RestTemplate template = app.bean(RestTemplateBuilder.class).errorHandler(new AnyStatus()).build();
			template.getClientHttpRequestInitializers()
				.add((initialized) -> request.attributes().accept(initialized.getAttributes()));
			return Answer.of(template.exchange(RequestEntity.method(request.method(), URI.create(request.uri()))
				.contentType(MediaType.APPLICATION_JSON)
				.headers((headers) -> headers.addAll(request.headers()))
				.body(request.body()), String.class));
		}
	},

	WEB_CLIENT {
		@Override
		Answer send(TestApp app, Request request) {
			Answer answer = app.bean(WebClient.Builder.class)
				.build()
				.method(request.method())
				.uri(URI.create(request.uri()))
				.contentType(MediaType.APPLICATION_JSON)
				.headers((headers) -> headers.addAll(request.headers()))
				.attributes(request.attributes())
				.bodyValue(request.body())
				.exchangeToMono((response) -> response.toEntity(String.class))
				.map(Answer::of)
				.block();
			if (answer == null) {
				throw new AssertionError("No answer");
			}
			return answer;
		}
	};

	abstract Answer send(TestApp app, Request request);

	Answer post(TestApp app, String uri, String... headers) {
		return send(app, request(HttpMethod.POST, uri, headers));
	}

	/**
	 * Makes a request with a JSON body.
	 * @param headers names and values in turn
	 */
	static Request request(HttpMethod method, String uri, String... headers) {
		HttpHeaders all = new HttpHeaders();
		for (int i = 0; i < headers.length; i += 2) {
			all.add(headers[i], headers[i + 1]);
		}
		return new Request(method, uri, all, "{\"amount\":10}", (attributes) -> {
		});
	}

	/**
	 * What a test sends.
	 */
	record Request(HttpMethod method, String uri, HttpHeaders headers, String body,
			Consumer<Map<String, Object>> attributes) {

		Request with(Consumer<Map<String, Object>> more) {
			return new Request(this.method, this.uri, this.headers, this.body, more);
		}

	}

	/**
	 * What it gets.
	 */
	record Answer(int status, HttpHeaders headers, @Nullable String body) {

		static Answer of(ResponseEntity<String> response) {
			return new Answer(response.getStatusCode().value(), response.getHeaders(), response.getBody());
		}

	}

	private static final class AnyStatus implements ResponseErrorHandler {

		@Override
		public boolean hasError(ClientHttpResponse response) {
			return false;
		}

	}

}
