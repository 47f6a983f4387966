package io.idempotency.web;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.CRC32C;

import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Records that prove that their key was used, but cannot be read: their requests never
 * run, even where requests run when the store fails.
 */
class UnreadableRecordIntegrationTests {

	private static final String PREFIX = "unreadable:" + UUID.randomUUID() + ":";

	private static final TestApp APP = start();

	private static TestApp start() {
		String[] redis = RedisProcess.shared().properties();
		return TestApp.start(List.of(Refunds.class), redis[0], redis[1], redis[2],
				"idempotency.redis.key-prefix=" + PREFIX, "idempotency.on-store-failure=proceed");
	}

	@AfterAll
	static void stop() {
		APP.close();
	}

	// E4
	@Test
	void refusesRequestWhoseRecordIsDamaged() {
		String key = TestApp.newKey();
		String redisKey = recordOf(key);
		putOutcome(redisKey, "IK\u0001 damaged".getBytes(StandardCharsets.UTF_8));
		byte[] before = redis().dump(redisKey);
		assertRefused(key, 1);
		assertThat(redis().dump(redisKey)).isEqualTo(before);
	}

	// E4
	@Test
	void refusesRequestWhoseRecordIsOfLaterVersion() {
		String key = TestApp.newKey();
		putOutcome(recordOf(key), "IKc and so on".getBytes(StandardCharsets.UTF_8));
		assertRefused(key, 1);
	}

	// E4
	@Test
	void refusesRequestWhoseRecordIsNotOurs() {
		String key = TestApp.newKey();
		String redisKey = recordOf(key);
		redis().delete(redisKey);
		redis().opsForValue().set(redisKey, "another application's");
		assertRefused(key, 1);
		assertThat(redis().opsForValue().get(redisKey)).isEqualTo("another application's");
		redis().delete(redisKey);
		redis().opsForHash().putAll(redisKey, Map.of("o", "somebody", "pet", "cat"));
		assertRefused(key, 1);
		assertThat(redis().opsForHash().entries(redisKey)).hasSize(2);
	}

	// E4
	@Test
	void refusesRequestWhoseRecordNoServerCanSend() {
		String key = TestApp.newKey();
		String redisKey = recordOf(key);
		for (String forged : List.of("0063 00000000 00000000", "0064 00000000 00000000", "03e7 00000000 00000000",
				"00c8 00000001 00000001 58 00000003 610d0a 00000000",
				"00c8 00000001 00000003 582059 00000001 61 00000000",
				"00c8 00000001 0000000e 436f6e74656e742d4c656e677468 00000001 61 00000000")) {
			byte[] content = HexFormat.of().parseHex("494b0101" + forged.replace(" ", ""));
			CRC32C checksum = new CRC32C();
			checksum.update(content);
			byte[] outcome = ByteBuffer.allocate(content.length + Integer.BYTES)
				.put(content)
				.putInt((int) checksum.getValue())
				.array();
			putOutcome(redisKey, outcome);
			assertRefused(key, 1);
		}
	}

	/**
	 * Makes a request, and returns the Redis key of its record.
	 */
	private static String recordOf(String key) {
		redis().delete(redis().keys(PREFIX + "*"));
		assertThat(APP.post("/refunds", key, "{}").statusCode()).isEqualTo(200);
		return redis().keys(PREFIX + "*").iterator().next();
	}

	/**
	 * Replaces the outcome, which is what follows owner token and fingerprint.
	 */
	private static void putOutcome(String redisKey, byte[] outcome) {
		byte[] name = redisKey.getBytes(StandardCharsets.UTF_8);
		redis().execute((RedisConnection connection) -> {
			ByteBuffer record = ByteBuffer.wrap(Objects.requireNonNull(connection.stringCommands().get(name)));
			record.position(3);
			record.position(record.getShort() + record.position());
			record.position(record.get() + record.position());
			byte[] value = Arrays.copyOf(record.array(), record.position() + outcome.length);
			System.arraycopy(outcome, 0, value, record.position(), outcome.length);
			return connection.stringCommands().set(name, value);
		});
	}

	private static void assertRefused(String key, int runs) {
		HttpResponse<byte[]> answer = APP.post("/refunds", key, "{}");
		assertThat(answer.statusCode()).isEqualTo(503);
		assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(answer.headers().firstValue("Retry-After")).isPresent();
		assertThat(TestApp.text(answer)).contains("urn:idempotency:problem:store-unavailable")
			.contains("cannot be read")
			.doesNotContain(PREFIX)
			.doesNotContain(key);
		assertThat(APP.bean(Runs.class).count(key)).isEqualTo(runs);
	}

	private static StringRedisTemplate redis() {
		return APP.bean(StringRedisTemplate.class);
	}

	@RestController
	@Import(Runs.class)
	static class Refunds {

		private final Runs runs;

		Refunds(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/refunds")
		String refund(@RequestHeader("Idempotency-Key") String key) {
			return "run " + this.runs.next(key);
		}

	}

}
