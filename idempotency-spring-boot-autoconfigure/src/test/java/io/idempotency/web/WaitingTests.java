package io.idempotency.web;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ParameterizedClass
@EnumSource
class WaitingTests {

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final TestApp app;

	private final Gates gates;

	private final Runs runs;

	private final StoreKind store;

	private final List<CompletableFuture<?>> requests = new ArrayList<>();

	WaitingTests(StoreKind store) {
		this.store = store;
		this.app = TestApp.shared(List.of(Payments.class), store, "idempotency.wait-timeout=30s");
		this.gates = this.app.bean(Gates.class);
		this.runs = this.app.bean(Runs.class);
	}

	@AfterEach
	void letAllEnd() {
		this.gates.openAll();
		this.requests.forEach(CompletableFuture::join);
	}

	private CompletableFuture<HttpResponse<byte[]>> send(TestApp app, String path, String key) {
		HttpRequest request = app.request("POST", path, key, "{}".getBytes(StandardCharsets.UTF_8)).build();
		CompletableFuture<HttpResponse<byte[]>> response = CLIENT.sendAsync(request, BodyHandlers.ofByteArray());
		this.requests.add(response);
		return response;
	}

	@Test
	@DisplayName("C2: a concurrent request waits and gets the replay")
	void replaysToWaitingRequests() {
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = send(this.app, "/gated", key);
		this.gates.awaitEntered(key, 1);
		List<CompletableFuture<HttpResponse<byte[]>>> waiting = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			waiting.add(send(this.app, "/gated", key));
		}
		await().until(() -> this.app.suspendedRequests() == 20);
		assertThat(waiting).noneMatch(CompletableFuture::isDone);
		this.gates.open(key, 1);
		assertThat(first.join().headers().firstValue("Idempotent-Replayed")).isEmpty();
		for (CompletableFuture<HttpResponse<byte[]>> response : waiting) {
			assertThat(response.join().statusCode()).isEqualTo(200);
			assertThat(response.join().body()).isEqualTo(first.join().body());
			assertThat(response.join().headers().firstValue("Idempotent-Replayed")).hasValue("true");
		}
		assertThat(this.runs.count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("C2: when the first request fails, exactly one of the waiting ones runs, and the others get its response")
	void runsOneWaitingRequestAfterFailure() {
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = send(this.app, "/failing-once", key);
		this.gates.awaitEntered(key, 1);
		List<CompletableFuture<HttpResponse<byte[]>>> waiting = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			waiting.add(send(this.app, "/failing-once", key));
		}
		await().until(() -> this.app.suspendedRequests() == 10);
		this.gates.open(key, 1);
		assertThat(first.join().statusCode()).isEqualTo(500);
		this.gates.awaitEntered(key, 2);
		await().until(() -> this.app.suspendedRequests() == 9);
		assertThat(waiting).noneMatch(CompletableFuture::isDone);
		this.gates.open(key, 1);
		assertThat(waiting.stream().map(CompletableFuture::join).map(TestApp::text)).containsOnly("run 2");
		assertThat(waiting.stream()
			.map(CompletableFuture::join)
			.filter((response) -> response.headers().firstValue("Idempotent-Replayed").isEmpty())).hasSize(1);
		assertThat(this.runs.count(key)).isEqualTo(2);
	}

	@Test
	@DisplayName("C3: when the wait is over, the request is refused, and the first one not disturbed")
	void refusesWhenWaitIsOver() {
		TestApp impatient = TestApp.shared(List.of(Payments.class), this.store, "idempotency.wait-timeout=200ms",
				"idempotency.wait-timeout-status=408");
		Gates impatientGates = impatient.bean(Gates.class);
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = send(impatient, "/gated", key);
		impatientGates.awaitEntered(key, 1);
		HttpResponse<byte[]> refused = send(impatient, "/gated", key).join();
		assertThat(refused.statusCode()).isEqualTo(408);
		assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(refused.headers().firstValue("Retry-After")).isPresent();
		assertThat(TestApp.text(refused)).contains("wait-timeout");
		impatientGates.open(key, 1);
		assertThat(first.join().statusCode()).isEqualTo(200);
		assertThat(send(impatient, "/gated", key).join().body()).isEqualTo(first.join().body());
		assertThat(impatient.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("C2: a waiting request keeps its body, and its parts")
	void keepsBodyOfWaitingRequest() {
		String key = TestApp.newKey();
		String boundary = "\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ncontent\r\n--x--";
		HttpRequest request = this.app
			.request("POST", "/multipart", key, boundary.getBytes(StandardCharsets.UTF_8), "Content-Type",
					"multipart/form-data; boundary=x")
			.build();
		CompletableFuture<HttpResponse<byte[]>> first = CLIENT.sendAsync(request, BodyHandlers.ofByteArray());
		this.gates.awaitEntered(key, 1);
		CompletableFuture<HttpResponse<byte[]>> second = CLIENT.sendAsync(request, BodyHandlers.ofByteArray());
		await().until(() -> this.app.suspendedRequests() == 1);
		this.gates.open(key, 1);
		assertThat(first.join().statusCode()).isEqualTo(500);
		this.gates.awaitEntered(key, 2);
		this.gates.open(key, 1);
		assertThat(TestApp.text(second.join())).isEqualTo("content, run 2");
	}

	@Test
	@DisplayName("C2: another body is refused at once, not after a wait")
	void refusesAnotherBodyAtOnce() {
		String key = TestApp.newKey();
		send(this.app, "/gated", key);
		this.gates.awaitEntered(key, 1);
		assertThat(this.app.post("/gated", key, "{\"other\":1}").statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("C4: waiting requests hold no thread")
	void answersOtherRequestsMeanwhile() {
		TestApp small = TestApp.shared(List.of(Payments.class), this.store, "idempotency.wait-timeout=30s",
				"server.tomcat.threads.max=2");
		Gates smallGates = small.bean(Gates.class);
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = send(small, "/gated", key);
		smallGates.awaitEntered(key, 1);
		List<CompletableFuture<HttpResponse<byte[]>>> waiting = new ArrayList<>();
		for (int i = 0; i < 30; i++) {
			waiting.add(send(small, "/gated", key));
		}
		await().until(() -> small.suspendedRequests() == 30);
		HttpRequest other = HttpRequest.newBuilder(small.uri("/other")).build();
		assertThat(TestApp.text(small.send(other))).isEqualTo("other");
		smallGates.open(key, 1);
		assertThat(waiting).allSatisfy((response) -> assertThat(response.join().body()).isEqualTo(first.join().body()));
	}

	@Test
	@DisplayName("C2: a client that leaves while it waits changes nothing for the others")
	void survivesClientThatLeaves() throws IOException {
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = send(this.app, "/gated", key);
		this.gates.awaitEntered(key, 1);
		try (Socket socket = new Socket("127.0.0.1", this.app.port())) {
			socket.getOutputStream()
				.write(("POST /gated HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: "
						+ key + "\r\nContent-Length: 2\r\n\r\n{}")
					.getBytes(StandardCharsets.UTF_8));
			await().until(() -> this.app.suspendedRequests() == 1);
		}
		CompletableFuture<HttpResponse<byte[]>> other = send(this.app, "/gated", key);
		await().until(() -> this.app.suspendedRequests() == 2);
		this.gates.open(key, 1);
		assertThat(other.join().body()).isEqualTo(first.join().body());
		await().until(() -> this.app.suspendedRequests() == 0);
		assertThat(this.runs.count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("M7: a waiting request that an interceptor refuses when it goes on gets the refusal, not the replay")
	void refusesWaitingRequestThatInterceptorRefuses() {
		TestApp guarded = TestApp.shared(List.of(Payments.class, Guard.class), this.store,
				"idempotency.wait-timeout=30s");
		Gates guardedGates = guarded.bean(Gates.class);
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = send(guarded, "/gated", key);
		guardedGates.awaitEntered(key, 1);
		CompletableFuture<HttpResponse<byte[]>> waiting = send(guarded, "/gated", key);
		await().until(() -> guarded.suspendedRequests() == 1);
		guarded.bean(Guard.class).closed = true;
		guardedGates.open(key, 1);
		assertThat(waiting.join().statusCode()).isEqualTo(403);
		assertThat(waiting.join().headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(first.join().statusCode()).isEqualTo(200);
		assertThat(guarded.bean(Runs.class).count(key)).isEqualTo(1);
	}

	/**
	 * Refuses every request once it is closed.
	 */
	static class Guard implements WebMvcConfigurer, HandlerInterceptor {

		private volatile boolean closed;

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			registry.addInterceptor(this);
		}

		@Override
		public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
				throws IOException {
			if (this.closed) {
				response.sendError(403);
				return false;
			}
			return true;
		}

	}

	static final class Gates {

		private final Map<String, Semaphore> entered = new ConcurrentHashMap<>();

		private final Map<String, Semaphore> open = new ConcurrentHashMap<>();

		void pass(String key) throws InterruptedException {
			gate(this.entered, key).release();
			assertThat(gate(this.open, key).tryAcquire(60, TimeUnit.SECONDS)).isTrue();
		}

		void awaitEntered(String key, int times) {
			await().until(() -> gate(this.entered, key).availablePermits() == times);
		}

		void open(String key, int times) {
			gate(this.open, key).release(times);
		}

		void openAll() {
			this.open.values().forEach((gate) -> gate.release(100));
		}

		private static Semaphore gate(Map<String, Semaphore> gates, String key) {
			return gates.computeIfAbsent(key, (newKey) -> new Semaphore(0));
		}

	}

	@RestController
	@Import({ Runs.class, Gates.class })
	static class Payments {

		private final Runs runs;

		private final Gates gates;

		Payments(Runs runs, Gates gates) {
			this.runs = runs;
			this.gates = gates;
		}

		@GetMapping("/other")
		String other() {
			return "other";
		}

		@PostMapping("/gated")
		String gated(@RequestHeader("Idempotency-Key") String key, @RequestBody String body)
				throws InterruptedException {
			int run = this.runs.next(key);
			this.gates.pass(key);
			return "run " + run;
		}

		@PostMapping("/failing-once")
		String failingOnce(@RequestHeader("Idempotency-Key") String key) throws InterruptedException {
			return "run " + runAndFailOnce(key);
		}

		@PostMapping(path = "/multipart", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
		String multipart(@RequestHeader("Idempotency-Key") String key, @RequestParam MultipartFile file)
				throws InterruptedException, IOException {
			return new String(file.getBytes(), StandardCharsets.UTF_8) + ", run " + runAndFailOnce(key);
		}

		private int runAndFailOnce(String key) throws InterruptedException {
			int run = this.runs.next(key);
			this.gates.pass(key);
			if (run == 1) {
				throw new IllegalStateException("The first run fails");
			}
			return run;
		}

	}

}
