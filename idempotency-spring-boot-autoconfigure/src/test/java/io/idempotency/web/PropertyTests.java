package io.idempotency.web;

import java.time.Duration;
import java.util.function.Consumer;

import io.idempotency.policy.EngineProperties;
import io.idempotency.store.Expiry;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the properties are read.
 */
@Tag("quick")
class PropertyTests {

	@ParameterizedTest
	@ValueSource(strings = { "mode=sometimes", "key-header=", "key-header=Idempotency Key", "key-header=Key:",
			"key-syntax=loose", "enforce-uuid=maybe", "max-key-length=0", "max-key-length=many",
			"replay-header=Sent again", "replay-status=99", "replay-status=600", "replay-status=ok",
			"store-on-statuses=6xx", "store-on-statuses=200-", "store-on-statuses=299-200", "store-on-statuses=2xx,ok",
			"response-content-types=json", "max-response-size=-1B", "max-response-size=2GB", "max-response-size=big",
			"max-result-size=-1B", "max-result-size=2GB", "excluded-headers=a b", "expiry=-1s", "expiry=soon",
			"expiry=40000d", "expiry=200000000000d", "scope=principal,who", "scope-headers=X Tenant",
			"fingerprint=bodies", "fingerprint-json=maybe", "max-fingerprint-size=-1B", "max-fingerprint-size=2GB",
			"lease-duration=99ms", "lease-duration=25h", "lease-duration=long", "on-abandoned=ignore",
			"on-store-failure=ignore", "store=oracle", "purge-interval=0", "purge-interval=-1s",
			"purge-interval=200000000000d", "retry-after=-1s", "missing-key-status=399", "missing-key-status=600",
			"invalid-key-status=200", "mismatch-status=200", "conflict-status=200",
			"problem-base-uri=https://example.org/docs#errors", "problem-base-uri=http://[", "memory.max-entries=0",
			"memory.max-size=1B", "redis.timeout=0", "redis.timeout=-1s", "redis.timeout=200000000000d",
			"retry-after=200000000000d", "methods=POTS", "methods=POST,GOT" })
	@DisplayName("A wrong value fails the start, and the analysis names the property")
	void failsOnWrongValue(String property) {
		boolean redis = property.startsWith("redis.");
		FailureAnalysis analysis = StartFailures.analyze(StartFailures.RUNNER
			.withPropertyValues("idempotency.store=" + (redis ? "redis" : "memory"), "idempotency." + property));
		String name = "idempotency." + property.substring(0, property.indexOf('='));
		assertThat(analysis.getDescription()).contains(name);
		assertThat(analysis.getAction()).isNotBlank();
	}

	@ParameterizedTest
	@ValueSource(strings = { "expiry=24", "wait-timeout=30", "lease-duration=30", "retry-after=1", "max-lease=60",
			"purge-interval=5", "redis.timeout=2", "redis.acknowledge.timeout=1", "outcome-retention=10" })
	@DisplayName("A duration without a unit fails the start, and the analysis says what to write")
	void failsOnDurationWithoutUnit(String property) {
		String[] parts = property.split("=");
		FailureAnalysis analysis = StartFailures.analyze(StartFailures.RUNNER.withPropertyValues(
				"idempotency.store=" + (property.startsWith("redis.") ? "redis" : "memory"),
				"idempotency." + property));
		assertThat(analysis.getDescription()).contains("idempotency." + parts[0], "It has no unit",
				"write " + parts[1] + "s, " + parts[1] + "m or " + parts[1] + "h");
	}

	@Test
	@DisplayName("So does one that comes from a placeholder")
	void failsOnDurationWithoutUnitFromPlaceholder() {
		FailureAnalysis analysis = StartFailures.analyze(StartFailures.RUNNER
			.withPropertyValues("idempotency.store=memory", "idempotency.expiry=${HOURS}", "HOURS=24"));
		assertThat(analysis.getDescription()).contains("idempotency.expiry", "It has no unit", "write 24s, 24m or 24h");
	}

	@Test
	@DisplayName("Nothing and never need no unit")
	void takesZeroWithoutUnit() {
		withProperties((properties) -> assertThat(properties.waitTimeout()).isZero(), "idempotency.wait-timeout=0",
				"idempotency.expiry=0");
	}

	@Test
	@DisplayName("F4: fingerprint-ignore needs fingerprint-json, which the analysis names")
	void failsOnPointersWithoutJson() {
		FailureAnalysis analysis = StartFailures
			.analyze(StartFailures.RUNNER.withPropertyValues("idempotency.fingerprint-ignore=/requestedAt"));
		assertThat(analysis.getDescription()).contains("idempotency.fingerprint-json must be true", "is 'false'",
				"idempotency.fingerprint-ignore");
	}

	@ParameterizedTest
	@ValueSource(strings = { "requestedAt", "/requestedAt,meta", "''" })
	@DisplayName("F4: fingerprint-ignore takes JSON Pointers to members only")
	void failsOnWrongPointer(String pointers) {
		FailureAnalysis analysis = StartFailures.analyze(StartFailures.RUNNER
			.withPropertyValues("idempotency.fingerprint-json=true", "idempotency.fingerprint-ignore=" + pointers));
		assertThat(analysis.getDescription()).contains("idempotency.fingerprint-ignore");
	}

	@ParameterizedTest
	@CsvSource({ "0, ", "never, ", "NEVER, ", "0s, ", "PT0S, ", "5m, PT5M", "PT5M, PT5M", "1500ms, PT1.5S",
			"24h, PT24H" })
	@DisplayName("S4: expiry is a duration, and 0 or never keeps a response for ever")
	void readsExpiry(String text, Duration duration) {
		Expiry expected = (duration != null) ? Expiry.after(duration) : Expiry.never();
		StartFailures.RUNNER.withPropertyValues("idempotency.expiry=" + text)
			.run((context) -> assertThat(context.getBean(EngineProperties.class).expiry()).isEqualTo(expected));
	}

	@Test
	@DisplayName("F1, F2: scope and fingerprint can be empty")
	void readsEmptyScopeAndFingerprint() {
		withProperties((properties) -> {
			assertThat(properties.scope()).isEmpty();
			assertThat(properties.fingerprint()).isEmpty();
		}, "idempotency.scope=", "idempotency.fingerprint=");
	}

	@Test
	@DisplayName("Without properties, the defaults of the contract apply")
	void hasDefaults() {
		withProperties((properties) -> {
			assertThat(properties.keyHeader()).isEqualTo("Idempotency-Key");
			assertThat(properties.replayHeader()).isEqualTo("Idempotent-Replayed");
			assertThat(properties.scope()).extracting(Enum::name).containsOnly("PRINCIPAL", "METHOD", "PATH");
			assertThat(properties.fingerprint()).extracting(Enum::name).containsOnly("QUERY", "BODY");
			assertThat(properties.methods()).extracting(Object::toString).containsOnly("POST", "PATCH");
		});
		StartFailures.RUNNER.run((context) -> {
			EngineProperties properties = context.getBean(EngineProperties.class);
			assertThat(properties.expiry()).isEqualTo(Expiry.after(Duration.ofHours(24)));
			assertThat(properties.leaseDuration()).isEqualTo(Duration.ofSeconds(30));
			assertThat(properties.maxKeyLength()).isEqualTo(255);
		});
	}

	private static void withProperties(Consumer<IdempotencyProperties> assertions, String... values) {
		StartFailures.RUNNER.withPropertyValues(values).run((context) -> {
			assertThat(context).hasNotFailed();
			assertions.accept(context.getBean(IdempotencyProperties.class));
		});
	}

}
