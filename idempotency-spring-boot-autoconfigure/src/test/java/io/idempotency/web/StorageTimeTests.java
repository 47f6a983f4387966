package io.idempotency.web;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.Idempotent;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Expiry;
import io.idempotency.store.Lease;
import io.idempotency.store.Outcome;
import io.idempotency.testing.DelegatingStore;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class StorageTimeTests {

	private final TestApp app = TestApp.shared(List.of(Handlers.class), StoreKind.MEMORY,
			"idempotency.max-response-size=1000B");

	private final Runs runs = this.app.bean(Runs.class);

	private final ControlledStore store = this.app.bean(ControlledStore.class);

	// S4
	@Test
	void runsAsNewWhenExpired() {
		String key = TestApp.newKey();
		post("/short", key);
		this.store.advance(Duration.ofMinutes(5).minusMillis(1));
		assertThat(isReplay(post("/short", key))).isTrue();
		this.store.advance(Duration.ofMillis(1));
		assertThat(isReplay(post("/short", key))).isFalse();
		assertThat(isReplay(post("/short", key))).isTrue();
		assertThat(this.runs.count(key)).isEqualTo(2);
	}

	// S4
	@Test
	void keepsResponseForDayByDefault() {
		String key = TestApp.newKey();
		post("/quick", key);
		this.store.advance(Duration.ofHours(24).minusMillis(1));
		assertThat(isReplay(post("/quick", key))).isTrue();
		this.store.advance(Duration.ofMillis(1));
		assertThat(isReplay(post("/quick", key))).isFalse();
	}

	// S4
	@Test
	void doesNotExtendExpiryByReplays() {
		String key = TestApp.newKey();
		post("/short", key);
		for (int minute = 1; minute < 5; minute++) {
			this.store.advance(Duration.ofMinutes(1));
			assertThat(isReplay(post("/short", key))).isTrue();
		}
		this.store.advance(Duration.ofMinutes(1));
		assertThat(isReplay(post("/short", key))).isFalse();
	}

	// S4
	@Test
	void countsExpiryFromCompletion() throws IOException {
		String key = TestApp.newKey();
		try (Socket socket = send("/waiting", key)) {
			await().until(() -> this.runs.count(key) == 1);
			this.store.advance(Duration.ofSeconds(20));
			this.app.bean(Handlers.class).latch(key).countDown();
			assertThat(socket.getInputStream().read()).isEqualTo('H');
		}
		this.store.advance(Duration.ofMinutes(5).minusMillis(1));
		assertThat(isReplay(post("/waiting", key))).isTrue();
		this.store.advance(Duration.ofMillis(1));
		assertThat(isReplay(post("/waiting", key))).isFalse();
	}

	// S4
	@ParameterizedTest
	@ValueSource(strings = { "/never", "/zero" })
	void keepsResponseForEver(String path) {
		String key = TestApp.newKey();
		post(path, key);
		this.store.advance(Duration.ofDays(36_500));
		assertThat(isReplay(post(path, key))).isTrue();
		assertThat(this.runs.count(key)).isEqualTo(1);
	}

	// S5
	@Test
	void storesResponseOfClientThatDisconnected() throws IOException {
		String key = TestApp.newKey();
		Socket socket = send("/waiting", key);
		await().until(() -> this.runs.count(key) == 1);
		// With a reset instead of an orderly end, writing to the connection fails.
		socket.setSoLinger(true, 0);
		socket.close();
		this.app.bean(Handlers.class).latch(key).countDown();
		await().until(() -> isReplay(post("/waiting", key)));
		assertThat(this.runs.count(key)).isEqualTo(1);
	}

	// S5, S3
	@Test
	void refusesRetryOfStreamThatLostItsClient() throws IOException {
		String key = TestApp.newKey();
		Socket socket = send("/endless", key);
		assertThat(socket.getInputStream().read()).isEqualTo('H');
		socket.setSoLinger(true, 0);
		socket.close();
		assertThat(post("/endless", key).statusCode()).isEqualTo(409);
		assertThat(this.runs.count(key)).isEqualTo(1);
	}

	// S6
	@ParameterizedTest
	@ValueSource(strings = { "/quick", "/flushed", "/too-long", "/streamed", "/redirect", "/empty" })
	void storesBeforeFirstByteReachesClient(String path) throws IOException, InterruptedException {
		String key = TestApp.newKey();
		ControlledStore.Hold hold = this.store.holdNextCompletion();
		try (Socket socket = send(path, key)) {
			assertThat(hold.reached().await(10, TimeUnit.SECONDS)).isTrue();
			socket.setSoTimeout(200);
			assertThat(hasByte(socket)).isFalse();
			hold.end().countDown();
			socket.setSoTimeout(10_000);
			assertThat(hasByte(socket)).isTrue();
			HttpResponse<byte[]> retry = post(path, key);
			assertThat(isReplay(retry) || TestApp.text(retry).contains("response-not-stored")).isTrue();
			assertThat(this.runs.count(key)).isEqualTo(1);
		}
		finally {
			hold.end().countDown();
		}
	}

	private static boolean hasByte(Socket socket) throws IOException {
		try {
			return socket.getInputStream().read() >= 0;
		}
		catch (SocketTimeoutException ex) {
			return false;
		}
	}

	private static boolean isReplay(HttpResponse<byte[]> response) {
		return response.headers().firstValue("Idempotent-Replayed").isPresent();
	}

	private HttpResponse<byte[]> post(String path, String key) {
		return this.app.post(path, key, "{}");
	}

	private Socket send(String path, String key) throws IOException {
		Socket socket = new Socket("127.0.0.1", this.app.port());
		String request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
				+ "Content-Length: 2\r\nIdempotency-Key: " + key + "\r\n\r\n{}";
		socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
		return socket;
	}

	@Controller
	@Import({ Runs.class, ControlledStore.class })
	static class Handlers {

		private static final String KEY = "Idempotency-Key";

		private final Map<String, CountDownLatch> latches = new ConcurrentHashMap<>();

		private final Runs runs;

		Handlers(Runs runs) {
			this.runs = runs;
		}

		CountDownLatch latch(String key) {
			return this.latches.computeIfAbsent(key, (unused) -> new CountDownLatch(1));
		}

		@PostMapping("/quick")
		@ResponseBody
		String quick(@RequestHeader(KEY) String key) {
			return "run " + this.runs.next(key);
		}

		@PostMapping("/short")
		@Idempotent(expiry = "PT5M")
		@ResponseBody
		String briefly(@RequestHeader(KEY) String key) {
			return "run " + this.runs.next(key);
		}

		@PostMapping("/waiting")
		@Idempotent(expiry = "PT5M")
		@ResponseBody
		String waiting(@RequestHeader(KEY) String key) throws InterruptedException {
			int run = this.runs.next(key);
			latch(key).await(10, TimeUnit.SECONDS);
			return "run " + run;
		}

		@PostMapping("/never")
		@Idempotent(expiry = "never")
		@ResponseBody
		String never(@RequestHeader(KEY) String key) {
			return "run " + this.runs.next(key);
		}

		@PostMapping("/zero")
		@Idempotent(expiry = "0")
		@ResponseBody
		String zero(@RequestHeader(KEY) String key) {
			return "run " + this.runs.next(key);
		}

		@PostMapping("/flushed")
		void flushed(@RequestHeader(KEY) String key, HttpServletResponse response) throws IOException {
			this.runs.next(key);
			response.getWriter().write("one");
			response.flushBuffer();
			response.getWriter().write("two");
			response.getWriter().close();
		}

		@PostMapping("/too-long")
		void tooLong(@RequestHeader(KEY) String key, HttpServletResponse response) throws IOException {
			this.runs.next(key);
			response.getOutputStream().write(new byte[100_000]);
		}

		@PostMapping("/streamed")
		StreamingResponseBody streamed(@RequestHeader(KEY) String key) {
			this.runs.next(key);
			return (out) -> {
				out.write(1);
				out.flush();
			};
		}

		@PostMapping("/endless")
		StreamingResponseBody endless(@RequestHeader(KEY) String key) {
			this.runs.next(key);
			return (out) -> {
				while (true) {
					out.write(new byte[1000]);
					out.flush();
				}
			};
		}

		@PostMapping("/redirect")
		void redirect(@RequestHeader(KEY) String key, HttpServletResponse response) throws IOException {
			this.runs.next(key);
			response.sendRedirect("/elsewhere");
		}

		@PostMapping("/empty")
		void empty(@RequestHeader(KEY) String key, HttpServletResponse response) throws IOException {
			this.runs.next(key);
			response.setStatus(204);
			response.flushBuffer();
		}

	}

	/**
	 * A store with a settable clock, that can be made to wait before it stores.
	 */
	static final class ControlledStore extends DelegatingStore {

		private final AtomicReference<Instant> now;

		private final AtomicReference<Hold> hold = new AtomicReference<>(Hold.ended());

		ControlledStore() {
			this(new AtomicReference<>(Instant.EPOCH));
		}

		private ControlledStore(AtomicReference<Instant> now) {
			super(new MemoryIdempotencyStore(1000, now::get));
			this.now = now;
		}

		void advance(Duration time) {
			this.now.updateAndGet((instant) -> instant.plus(time));
		}

		Hold holdNextCompletion() {
			Hold next = new Hold(new CountDownLatch(1), new CountDownLatch(1));
			this.hold.set(next);
			return next;
		}

		@Override
		public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
			this.hold.getAndSet(Hold.ended()).await();
			return super.complete(lease, outcome, expiry);
		}

		record Hold(CountDownLatch reached, CountDownLatch end) {

			static Hold ended() {
				return new Hold(new CountDownLatch(0), new CountDownLatch(0));
			}

			void await() {
				reached().countDown();
				try {
					assertThat(end().await(10, TimeUnit.SECONDS)).isTrue();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			}

		}

	}

}
