package io.idempotency.web.operation;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Tag("quick")
class RequestPathTests {

	@ParameterizedTest
	@CsvSource({ "/pay%6dents/a%2Db, /payments/a-b", "/payments/a%2db, /payments/a-b",
			"/payments;x=1/1;y=2, /payments/1", "/payments/1;jsessionid=ABC, /payments/1",
			"/payments/1;JSESSIONID=ABC, /payments/1", "/payments/%c3%a9, /payments/%C3%A9",
			"/payments/é, /payments/%C3%A9", "/payments/a+b, /payments/a%2Bb", "/payments/a%20b, /payments/a%20b",
			"/payments/👋, /payments/%F0%9F%91%8B", "/payments/%zz, /payments/%25zz", "/payments/%, /payments/%25",
			"/payments/%2, /payments/%252", "/payments/;, /payments/" })
	@DisplayName("F8: spellings of one path have one normal form")
	void normalizes(String path, String normal) {
		assertThat(RequestPath.normalize(path, false)).isEqualTo(normal);
		assertThat(RequestPath.normalize(normal, false)).isEqualTo(normal);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "/", "//", "/payments", "/payments/", "/a-b/c.d/e_f/~g" })
	@DisplayName("F8: a path in normal form stays as it is")
	void keepsNormalForm(String path) {
		assertThat(RequestPath.normalize(path, false)).isSameAs(path);
	}

	@ParameterizedTest
	@CsvSource({ "/a%2Fb, /a/b", "/a%252Fb, /a%2Fb", "/A, /a", "/a/, /a", "/a/b, /a//b", "/a%3Bx, /a;x" })
	@DisplayName("F1: other paths have another one")
	void separates(String path, String other) {
		assertThat(RequestPath.normalize(path, false)).isNotEqualTo(RequestPath.normalize(other, false));
	}

	@ParameterizedTest
	@CsvSource({ "/a;x=%31, /a;x%3D1", "/a;x=1;jsessionid=B, /a;x%3D1", "/a;jsessionid=B;x=1, /a;x%3D1" })
	@DisplayName("F8: matrix variables that the handler asks for are part of the path, however they are spelled")
	void keepsMatrixVariables(String path, String normal) {
		assertThat(RequestPath.normalize(path, true)).isEqualTo(normal);
	}

}
