package io.idempotency.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.idempotency.Idempotent;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.web.ObservedStores.Completion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code @Idempotent} says of the expiry and the store.
 */
@Tag("quick")
@ParameterizedClass
@EnumSource
class AnnotationAttributeTests {

	private final TestApp app;

	private final String defaultStore;

	AnnotationAttributeTests(StoreKind store) {
		this.app = TestApp.shared(List.of(Payments.class, AuditStore.class, ObservedStores.class), store,
				"idempotency.expiry=1h", "payments.expiry=7d", "payments.store=auditStore");
		this.defaultStore = store.name().toLowerCase(Locale.ROOT) + "IdempotencyStore";
	}

	@ParameterizedTest
	@CsvSource({ "/default, PT1H", "/iso, PT5M", "/simple, PT90S", "/never,", "/zero,", "/placeholder, PT168H",
			"/fallback, PT2M", "/on-class, PT10M" })
	@DisplayName("M8: the expiry of a handler overrides that of the application")
	void keepsResponseForExpiryOfHandler(String path, @Nullable Duration expected) {
		assertThat(complete(path).expiry()).isEqualTo((expected != null) ? Expiry.after(expected) : Expiry.never());
	}

	@ParameterizedTest
	@CsvSource({ "/default, ", "/store, auditStore", "/store-placeholder, auditStore", "/on-class, auditStore" })
	@DisplayName("M8: the store of a handler overrides that of the application")
	void keepsResponseInStoreOfHandler(String path, @Nullable String store) {
		assertThat(complete(path).store()).isEqualTo((store != null) ? store : this.defaultStore);
	}

	private Completion complete(String path) {
		String key = TestApp.newKey();
		List<Completion> before = this.app.bean(ObservedStores.class).completions();
		HttpResponse<byte[]> first = this.app.post(path, key, "{}");
		HttpResponse<byte[]> retry = this.app.post(path, key, "{}");
		assertThat(first.statusCode()).isEqualTo(200);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		List<Completion> after = this.app.bean(ObservedStores.class).completions();
		assertThat(after).hasSize(before.size() + 1);
		return after.get(before.size());
	}

	static class AuditStore {

		@Bean(defaultCandidate = false)
		IdempotencyStore auditStore() {
			return new MemoryIdempotencyStore(1_000);
		}

	}

	@RestController
	@Idempotent(expiry = "10m", store = "auditStore")
	static class Payments {

		@PostMapping("/default")
		@Idempotent
		void byDefault() {
		}

		@PostMapping("/iso")
		@Idempotent(expiry = "PT5M")
		void iso() {
		}

		@PostMapping("/simple")
		@Idempotent(expiry = "90s")
		void simple() {
		}

		@PostMapping("/never")
		@Idempotent(expiry = "never")
		void never() {
		}

		@PostMapping("/zero")
		@Idempotent(expiry = "0")
		void zero() {
		}

		@PostMapping("/placeholder")
		@Idempotent(expiry = "${payments.expiry}")
		void placeholder() {
		}

		@PostMapping("/fallback")
		@Idempotent(expiry = "${refunds.expiry:2m}")
		void fallback() {
		}

		@PostMapping("/store")
		@Idempotent(store = "auditStore")
		void store() {
		}

		@PostMapping("/store-placeholder")
		@Idempotent(store = "${payments.store}")
		void storePlaceholder() {
		}

		@PostMapping("/on-class")
		void onClass() {
		}

	}

}
