package io.idempotency.web;

import java.net.http.HttpResponse;
import java.util.List;

import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.web.IdempotencyProperties.Mode;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the annotations of a handler say, whatever the mode.
 */
@ParameterizedClass
@EnumSource
class HandlerAnnotationTests {

	private final TestApp app;

	HandlerAnnotationTests(Mode mode) {
		this.app = TestApp.shared(List.of(AnnotatedThings.class, Things.class), StoreKind.MEMORY,
				"idempotency.mode=" + mode);
	}

	@ParameterizedTest
	@CsvSource({ "/on-method/required, REQUIRED", "/on-method/optional, OPTIONAL", "/on-method/exempt, NONE",
			"/on-method/meta-required, REQUIRED", "/on-method/meta-optional, OPTIONAL", "/on-method/meta-exempt, NONE",
			"/on-class/inherited, REQUIRED", "/on-class/optional, OPTIONAL", "/on-class/exempt, NONE",
			"/on-exempt-class/inherited, NONE", "/on-exempt-class/required, REQUIRED",
			"/on-superclass/of-class, REQUIRED", "/on-superclass/overridden, OPTIONAL", "/on-superclass/exempted, NONE",
			"/on-superclass/protected, REQUIRED", "/on-interface/of-type, NONE", "/on-interface/of-method, REQUIRED" })
	@DisplayName("M4, M5: the nearest annotation decides, in every mode and for every unsafe HTTP method")
	void followsNearestAnnotation(String path, HandlerProtection protection) {
		for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
			protection.assertOn(this.app, method, path);
		}
		for (String method : List.of("GET", "HEAD")) {
			HandlerProtection.NONE.assertOn(this.app, method, path);
		}
	}

	@ParameterizedTest
	@CsvSource({ "/safe/on-method, REQUIRED", "/safe/on-class, NONE" })
	@DisplayName("M4: on a method that serves safe HTTP methods alone the annotation was meant, on its class it was not")
	void countsForSafeMethodsWhereItWasMeant(String path, HandlerProtection protection) {
		for (String method : List.of("GET", "HEAD")) {
			protection.assertOn(this.app, method, path);
		}
	}

	@Test
	@DisplayName("M4: an OPTIONS request that Spring answers by itself needs no key")
	void answersOptionsWithoutKey() {
		HttpResponse<byte[]> response = this.app
			.send(this.app.request("OPTIONS", "/on-method/required/x", null, new byte[0]).build());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Allow")).isPresent();
	}

}
