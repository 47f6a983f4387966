package io.idempotency.redis;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a request costs, as the commands that Redis gets.
 */
class RedisRoundTripsIntegrationTests {

	private static final Duration LEASE = Duration.ofMillis(1500);

	private static final RedisProcess REDIS = RedisProcess.startLocal();

	private static final TestApp APP = TestApp.start(List.of(Charges.class), properties());

	private static String[] properties() {
		String[] redis = REDIS.properties();
		return new String[] { redis[0], redis[1], redis[2], "idempotency.lease-duration=" + LEASE.toMillis() + "ms" };
	}

	@BeforeAll
	static void loadScripts() {
		assertThat(APP.post("/charges", TestApp.newKey(), "{}").statusCode()).isEqualTo(200);
		assertThat(APP.post("/failures", TestApp.newKey(), "{}").statusCode()).isEqualTo(500);
		assertThat(APP.post("/slow-charges", TestApp.newKey(), "{}").statusCode()).isEqualTo(200);
	}

	@AfterAll
	static void stop() {
		APP.close();
		REDIS.close();
	}

	@Test
	void firstRequestCostsTwoRoundTrips() {
		assertThat(commandsOf("/charges", TestApp.newKey(), "{}", 200)).hasSize(2).allMatch(this::isScript);
	}

	@Test
	void firstRequestThatFailsCostsTwoRoundTrips() {
		assertThat(commandsOf("/failures", TestApp.newKey(), "{}", 500)).hasSize(2).allMatch(this::isScript);
	}

	@Test
	void longResponseIsDeflated() {
		String completion = commandsOf("/texts", TestApp.newKey(), "{}", 200).get(1);
		assertThat(completion).hasSizeLessThan(Charges.TEXT.length() / 2);
	}

	@Test
	void retryCostsOneRoundTrip() {
		String key = TestApp.newKey();
		APP.post("/charges", key, "{}");
		assertThat(commandsOf("/charges", key, "{}", 200)).hasSize(1).allMatch(this::isScript);
	}

	@Test
	void reusedKeyCostsOneRoundTrip() {
		String key = TestApp.newKey();
		APP.post("/charges", key, "{}");
		assertThat(commandsOf("/charges", key, "{\"other\":1}", 422)).hasSize(1).allMatch(this::isScript);
	}

	@Test
	void concurrentRequestCostsOneRoundTrip() throws Exception {
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture
			.supplyAsync(() -> APP.post("/held-charges", key, "{}"), (task) -> new Thread(task).start());
		assertThat(Charges.held.await(1, TimeUnit.MINUTES)).isTrue();
		assertThat(commandsOf("/held-charges", key, "{}", 409)).hasSize(1).allMatch(this::isScript);
		Charges.mayEnd.countDown();
		assertThat(first.join().statusCode()).isEqualTo(200);
	}

	@Test
	void leaseIsRenewedOncePerThirdOfIt() {
		List<String> commands = commandsOf("/slow-charges", TestApp.newKey(), "{}", 200);
		assertThat(commands).as("acquired, renewed after a third and after two thirds, completed")
			.hasSize(4)
			.allMatch(this::isScript);
		assertThat(commands.get(1)).isEqualTo(commands.get(2));
	}

	@Test
	void requestWithoutKeyCostsNothing() {
		assertThat(RedisConsole.commandsDuring(REDIS, () -> APP.post("/charges", null, "{}"))).isEmpty();
	}

	@Test
	void keyThatIsRefusedCostsNothing() {
		assertThat(commandsOf("/charges", "k".repeat(256), "{}", 422)).isEmpty();
	}

	private static List<String> commandsOf(String path, String key, String body, int expectedStatus) {
		return RedisConsole.commandsDuring(REDIS,
				() -> assertThat(APP.post(path, key, body).statusCode()).isEqualTo(expectedStatus));
	}

	private boolean isScript(String command) {
		return command.startsWith("\"EVALSHA\"");
	}

	@RestController
	static class Charges {

		static CountDownLatch held = new CountDownLatch(1);

		static CountDownLatch mayEnd = new CountDownLatch(1);

		static final String TEXT = "charged ".repeat(1000);

		@PostMapping("/texts")
		String describe() {
			return TEXT;
		}

		@PostMapping("/charges")
		String charge() {
			return "charged";
		}

		@PostMapping("/failures")
		ResponseEntity<Void> fail() {
			return ResponseEntity.internalServerError().build();
		}

		@PostMapping("/held-charges")
		String hold() throws InterruptedException {
			held.countDown();
			return mayEnd.await(1, TimeUnit.MINUTES) ? "charged" : "too late";
		}

		/**
		 * Takes five sixths of the lease.
		 */
		@PostMapping("/slow-charges")
		String chargeSlowly() {
			long end = System.nanoTime() + LEASE.multipliedBy(5).dividedBy(6).toNanos();
			while (System.nanoTime() - end < 0) {
				LockSupport.parkNanos(end - System.nanoTime());
			}
			return "charged";
		}

	}

}
