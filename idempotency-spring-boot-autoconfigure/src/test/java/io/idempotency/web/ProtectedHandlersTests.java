package io.idempotency.web;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.web.IdempotencyException.Reason;
import io.idempotency.web.ProtectedHandlers.ProtectedMapping;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What is known of the application's handlers when no request is there.
 */
class ProtectedHandlersTests {

	@Test
	@DisplayName("M1, M4, M5: the protected mappings, with their paths, methods and protection")
	void listsProtectedMappings() {
		TestApp app = app("optional");
		List<ProtectedMapping> mappings = mappings(app);
		assertThat(mappings).extracting((mapping) -> mapping.handler().getMethod().getName())
			.containsExactlyInAnyOrder("plain", "annotated");
		assertThat(mapping(mappings, "plain")).satisfies((mapping) -> {
			assertThat(mapping.patterns()).containsExactlyInAnyOrder("/plain", "/other");
			assertThat(mapping.httpMethods()).containsExactly(HttpMethod.POST);
			assertThat(mapping.policy().keyRequired()).isFalse();
			assertThat(mapping.policy().expiry()).isEqualTo(Expiry.after(Duration.ofHours(24)));
		});
		assertThat(mapping(mappings, "annotated")).satisfies((mapping) -> {
			assertThat(mapping.httpMethods()).containsExactlyInAnyOrder(HttpMethod.POST, HttpMethod.PUT,
					HttpMethod.PATCH, HttpMethod.DELETE);
			assertThat(mapping.policy().keyRequired()).isTrue();
			assertThat(mapping.policy().manual()).isTrue();
			assertThat(mapping.policy().expiry()).isEqualTo(Expiry.after(Duration.ofMinutes(5)));
			assertThat(mapping.policy().store()).isSameAs(app.bean(IdempotencyStore.class));
		});
	}

	@Test
	@DisplayName("M3: in mode annotated only annotated handlers are listed")
	void listsAnnotatedHandlersAlone() {
		assertThat(mappings(app("annotated"))).extracting((mapping) -> mapping.handler().getMethod().getName())
			.containsExactly("annotated");
	}

	@Test
	@DisplayName("M2: methods of a mapping that are protected in other ways are listed apart")
	void listsMethodsByProtection() {
		assertThat(mappings(app("required", "idempotency.methods=GET,POST,PUT")))
			.filteredOn((mapping) -> mapping.handler().getMethod().getName().equals("plain"))
			.extracting(ProtectedMapping::httpMethods, (mapping) -> mapping.policy().keyRequired())
			.containsExactlyInAnyOrder(tuple(Set.of(HttpMethod.GET), false), tuple(Set.of(HttpMethod.POST), true));
	}

	@Test
	@DisplayName("M1, M2: functional endpoints are protected by their method alone")
	void knowsFunctionalEndpoints() {
		ProtectedHandlers handlers = app("required").bean(ProtectedHandlers.class);
		assertThat(handlers.policyForFunctionalEndpoints(HttpMethod.POST))
			.satisfies((policy) -> assertThat(policy.keyRequired()).isTrue());
		assertThat(handlers.policyForFunctionalEndpoints(HttpMethod.PUT)).isNull();
	}

	@Test
	@DisplayName("C3: who waits is told of a timeout, and in a transaction perhaps that another request has taken over")
	void knowsRefusalsOfWaitingRequests() {
		TestApp app = app("optional", "idempotency.wait-timeout=1s");
		ProtectedHandlers handlers = app.bean(ProtectedHandlers.class);
		ProtectionPolicy policy = mapping(mappings(app), "plain").policy();
		ProtectionPolicy transactional = new ProtectionPolicy(false, false, false, policy.expiry(), policy.store(),
				true, policy.stepMode(), policy.version());
		assertThat(handlers.refusals(policy)).extracting(ProtectedHandlers.Refusal::reason)
			.contains(Reason.WAIT_TIMEOUT)
			.doesNotContain(Reason.IN_PROGRESS, Reason.KEY_MISSING);
		assertThat(handlers.refusals(transactional)).extracting(ProtectedHandlers.Refusal::reason)
			.contains(Reason.WAIT_TIMEOUT, Reason.IN_PROGRESS);
	}

	private static TestApp app(String mode, String... properties) {
		return TestApp.shared(List.of(Handlers.class), StoreKind.MEMORY,
				Stream.concat(Stream.of("idempotency.mode=" + mode), Stream.of(properties)).toArray(String[]::new));
	}

	private static List<ProtectedMapping> mappings(TestApp app) {
		return app.bean(ProtectedHandlers.class)
			.protectedMappings()
			.stream()
			.filter((mapping) -> mapping.handler().getBeanType() == Handlers.class)
			.toList();
	}

	private static ProtectedMapping mapping(List<ProtectedMapping> mappings, String method) {
		return mappings.stream()
			.filter((mapping) -> mapping.handler().getMethod().getName().equals(method))
			.findFirst()
			.orElseThrow();
	}

	@RestController
	static class Handlers {

		@RequestMapping(path = { "/plain", "/other" }, method = { RequestMethod.GET, RequestMethod.POST })
		String plain() {
			return "plain";
		}

		@Idempotent(manual = true, expiry = "5m")
		@RequestMapping("/annotated")
		String annotated(IdempotencyContext context) {
			return "annotated";
		}

		@IdempotencyExempt
		@RequestMapping("/exempt")
		String exempt() {
			return "exempt";
		}

		@GetMapping("/get")
		String get() {
			return "get";
		}

	}

}
