package io.idempotency.web;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource
class ReplayTests {

	private final TestApp app;

	ReplayTests(StoreKind store) {
		this.app = TestApp.shared(List.of(Payments.class), store);
	}

	@Test
	void replaysFirstResponseToRetry() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/payments", key, "{\"amount\":10}");
		HttpResponse<byte[]> retry = this.app.post("/payments", key, "{\"amount\":10}");
		assertThat(first.statusCode()).isEqualTo(201);
		assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(retry.headers().firstValue("Location")).isEqualTo(first.headers().firstValue("Location"));
		assertThat(this.app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/payments")
		ResponseEntity<?> pay(@RequestHeader("Idempotency-Key") String key, @RequestBody Map<String, Object> payment) {
			int run = this.runs.next(key);
			return ResponseEntity.status(201).header("Location", "/payments/" + run).body(Map.of("run", run));
		}

	}

}
