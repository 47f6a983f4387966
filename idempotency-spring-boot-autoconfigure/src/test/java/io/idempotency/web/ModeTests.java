package io.idempotency.web;

import java.util.List;

import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How handlers without an annotation are protected.
 */
@Tag("quick")
class ModeTests {

	private static final List<Class<?>> HANDLERS = List.of(AnnotatedThings.class, Things.class);

	@ParameterizedTest
	@CsvSource({ "POST, OPTIONAL", "PATCH, OPTIONAL", "PUT, NONE", "DELETE, NONE", "GET, NONE", "HEAD, NONE",
			"OPTIONS, NONE" })
	@DisplayName("M1: in optional mode, POST and PATCH with a key are protected")
	void protectsRequestsWithKey(String method, HandlerProtection protection) {
		TestApp app = TestApp.shared(HANDLERS, StoreKind.MEMORY, "idempotency.mode=OPTIONAL");
		assertOnEachKindOfHandler(app, method, protection);
	}

	@ParameterizedTest
	@CsvSource({ "POST, REQUIRED", "PATCH, REQUIRED", "PUT, NONE", "DELETE, NONE", "GET, NONE", "HEAD, NONE",
			"OPTIONS, NONE" })
	@DisplayName("M2: in required mode, POST and PATCH need a key")
	void requiresKey(String method, HandlerProtection protection) {
		TestApp app = TestApp.shared(HANDLERS, StoreKind.MEMORY, "idempotency.mode=REQUIRED");
		assertOnEachKindOfHandler(app, method, protection);
	}

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PATCH", "PUT", "DELETE", "GET", "HEAD", "OPTIONS" })
	@DisplayName("M3: in annotated mode, no handler without an annotation is protected")
	void protectsNothingWithoutAnnotation(String method) {
		TestApp app = TestApp.shared(HANDLERS, StoreKind.MEMORY, "idempotency.mode=ANNOTATED");
		assertOnEachKindOfHandler(app, method, HandlerProtection.NONE);
	}

	@ParameterizedTest
	@CsvSource({ "POST, NONE", "PATCH, NONE", "PUT, REQUIRED", "DELETE, REQUIRED", "GET, OPTIONAL", "HEAD, OPTIONAL",
			"OPTIONS, OPTIONAL" })
	@DisplayName("M1, M2: other methods are protected when they are listed; GET, HEAD and OPTIONS never need a key")
	void protectsListedMethods(String method, HandlerProtection protection) {
		TestApp app = TestApp.shared(List.of(Things.class), StoreKind.REDIS, "idempotency.mode=required",
				"idempotency.methods=put,DELETE,get,HEAD,OPTIONS,TRACE");
		assertOnEachKindOfHandler(app, method, protection);
	}

	private static void assertOnEachKindOfHandler(TestApp app, String method, HandlerProtection protection) {
		protection.assertOn(app, method, "/things");
		protection.assertOn(app, method, "/functional");
	}

}
