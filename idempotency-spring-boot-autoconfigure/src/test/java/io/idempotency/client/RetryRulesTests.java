package io.idempotency.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import io.idempotency.client.IdempotencyClientProperties.Retry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpHeaders;
import org.springframework.util.backoff.BackOffExecution;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * O3: how long it waits for another attempt.
 */
@Tag("quick")
class RetryRulesTests {

	private static final Retry FIVE = new Retry(5, Duration.ofMillis(100), 2, Duration.ofSeconds(1), Set.of(503));

	private final RefusalRules rules = new RefusalRules(Set.of(503),
			Clock.fixed(Instant.parse("2026-11-22T15:25:46Z"), ZoneOffset.UTC));

	@Test
	void pausesGrowFromDelayAndEndWithLastAttempt() {
		RetryPauses pauses = new RetryPauses(FIVE);
		assertThat(pauses.next(null)).isBetween(100L, 150L);
		assertThat(pauses.next(null)).isBetween(100L, 300L);
		assertThat(pauses.next(null)).isBetween(200L, 600L);
		assertThat(pauses.next(null)).isBetween(400L, 1000L);
		assertThat(pauses.next(null)).isEqualTo(BackOffExecution.STOP);
	}

	@Test
	void pausesDiffer() {
		List<Long> firsts = IntStream.range(0, 200).mapToObj((i) -> new RetryPauses(FIVE).next(null)).toList();
		assertThat(Set.copyOf(firsts)).hasSizeGreaterThan(5);
	}

	@Test
	void pausesAreNeverLongerThanMaxDelay() {
		RetryPauses pauses = new RetryPauses(
				new Retry(50, Duration.ofMillis(100), 10, Duration.ofSeconds(1), Set.of(503)));
		assertThat(IntStream.range(0, 49).mapToObj((i) -> pauses.next(null)))
			.allSatisfy((pause) -> assertThat(pause).isBetween(100L, 1000L));
	}

	@Test
	void serviceSaysHowLongToPause() {
		RetryPauses pauses = new RetryPauses(FIVE);
		assertThat(pauses.next(Duration.ofSeconds(1))).isBetween(1000L, 1050L);
		assertThat(pauses.next(Duration.ZERO)).as("the back-off's own").isBetween(100L, 300L);
		assertThat(pauses.next(Duration.ofMillis(1001))).isEqualTo(BackOffExecution.STOP);
	}

	@Test
	void serviceCannotAskForMoreAttempts() {
		RetryPauses pauses = new RetryPauses(new Retry(2, Duration.ZERO, 2, Duration.ofSeconds(1), Set.of(503)));
		assertThat(pauses.next(Duration.ZERO)).isZero();
		assertThat(pauses.next(Duration.ZERO)).isEqualTo(BackOffExecution.STOP);
	}

	@Test
	void serviceThatAsksForAgesOverflowsNothing() {
		Duration ages = this.rules.retryAfter(retryAfter("9".repeat(18)));
		assertThat(new RetryPauses(FIVE).next(ages)).isEqualTo(BackOffExecution.STOP);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			0                             | PT0S
			1                             | PT1S
			120                           | PT2M
			Sun, 22 Nov 2026 15:25:56 GMT | PT10S
			Sun, 22 Nov 2026 15:25:46 GMT | PT0S
			Sun, 22 Nov 2026 15:25:36 GMT | PT0S
			Sunday, 22-Nov-26 15:25:56 GMT| PT10S
			""")
	void readsRetryAfterAsSecondsOrDate(String value, Duration expected) {
		assertThat(this.rules.retryAfter(retryAfter(value))).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "soon", "-1", "1.5", "99999999999999999999" })
	void ignoresRetryAfterThatIsNeither(String value) {
		assertThat(this.rules.retryAfter(retryAfter(value))).isNull();
		assertThat(this.rules.retryAfter(new HttpHeaders())).isNull();
	}

	private static HttpHeaders retryAfter(String value) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.RETRY_AFTER, value);
		return headers;
	}

}
