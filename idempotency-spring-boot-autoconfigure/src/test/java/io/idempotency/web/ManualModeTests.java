package io.idempotency.web;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.store.Acquisition;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredResponse;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource
class ManualModeTests {

	private final TestApp app;

	ManualModeTests(StoreKind store) {
		this.app = TestApp.shared(List.of(Payments.class), store, "idempotency.max-response-size=1KB");
	}

	@Test
	@DisplayName("P1: a manual handler runs for a retry, too, and gets the stored response, which stays")
	void runsManualHandlerForRetry() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/manual", key, "{}");
		assertThat(first.statusCode()).isEqualTo(201);
		assertThat(TestApp.text(first)).isEqualTo("first");
		for (int retry = 2; retry <= 3; retry++) {
			HttpResponse<byte[]> answer = this.app.post("/manual", key, "{}");
			assertThat(answer.statusCode()).isEqualTo(202);
			assertThat(TestApp.text(answer)).isEqualTo("retry of 201 first at /payments/1");
			assertThat(answer.headers().firstValue("Idempotent-Replayed")).isEmpty();
			assertThat(this.app.bean(Runs.class).count(key)).isEqualTo(retry);
		}
	}

	@Test
	@DisplayName("P1: a manual handler is told of a retry whose response was not stored")
	void runsManualHandlerForRetryWithoutStoredResponse() {
		String key = TestApp.newKey();
		assertThat(this.app.post("/manual-long", key, "{}").body()).hasSize(2000);
		assertThat(TestApp.text(this.app.post("/manual-long", key, "{}"))).isEqualTo("retry: null");
	}

	@Test
	@DisplayName("P2: another handler is told its key, and that there is no stored response")
	void tellsOtherHandlersTheirKey() {
		String key = TestApp.newKey();
		assertThat(TestApp.text(this.app.post("/plain", "\"" + key + "\"", "{}"))).isEqualTo(key + " false null");
		assertThat(TestApp.text(this.app.post("/plain", null, "{}"))).isEqualTo("null false null");
	}

	@Test
	@DisplayName("P2: a handler is told where its record is")
	void tellsHandlersWhereTheirRecordIs() {
		String recordKey = TestApp.text(this.app.post("/record", TestApp.newKey(), "{}"));
		assertThat(this.app.bean(IdempotencyStore.class).find(new RecordKey(recordKey)).map(StoredRecord::content))
			.get()
			.isInstanceOf(Acquisition.Completed.class);
		assertThat(TestApp.text(this.app.post("/record", null, "{}"))).isEqualTo("null");
	}

	@Test
	@DisplayName("P3: a manual handler requires a key, unless it is optional, and refuses another request's")
	void requiresKeyForManualHandler() {
		String key = TestApp.newKey();
		assertThat(this.app.post("/manual", null, "{}").statusCode()).isEqualTo(400);
		assertThat(TestApp.text(this.app.post("/manual-optional", null, "{}"))).isEqualTo("null false null");
		this.app.post("/manual", key, "{}");
		assertThat(this.app.post("/manual", key, "{\"other\":1}").statusCode()).isEqualTo(422);
	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/manual")
		@Idempotent(manual = true)
		ResponseEntity<String> manual(IdempotencyContext idempotency) {
			this.runs.next(String.valueOf(idempotency.key()));
			StoredResponse stored = idempotency.storedResponse();
			if (!idempotency.isRetry() || stored == null) {
				return ResponseEntity.status(201).header("Location", "/payments/1").body("first");
			}
			String location = stored.headers()
				.stream()
				.filter((header) -> header.name().equals("Location"))
				.findFirst()
				.orElseThrow()
				.value();
			return ResponseEntity.status(202)
				.body("retry of " + stored.status() + " " + new String(stored.body(), StandardCharsets.UTF_8) + " at "
						+ location);
		}

		@PostMapping("/manual-long")
		@Idempotent(manual = true)
		String manualLong(IdempotencyContext idempotency) {
			return idempotency.isRetry() ? "retry: " + idempotency.storedResponse() : "x".repeat(2000);
		}

		@PostMapping("/manual-optional")
		@Idempotent(manual = true, optional = true)
		String manualOptional(IdempotencyContext idempotency) {
			return describe(idempotency);
		}

		@PostMapping("/plain")
		String plain(IdempotencyContext idempotency) {
			return describe(idempotency);
		}

		@PostMapping("/record")
		String record(IdempotencyContext idempotency) {
			return String.valueOf(idempotency.recordKey());
		}

		private static String describe(IdempotencyContext idempotency) {
			return idempotency.key() + " " + idempotency.isRetry() + " " + idempotency.storedResponse();
		}

	}

}
