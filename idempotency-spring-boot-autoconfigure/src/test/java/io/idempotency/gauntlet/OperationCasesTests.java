package io.idempotency.gauntlet;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.web.bind.annotation.MatrixVariable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which requests are one operation, and which are two.
 */
class OperationCasesTests {

	private static final String JSON = "idempotency.fingerprint-json=true";

	@Test
	@DisplayName("F7: handlers that are told apart by a header are two operations")
	void keepsHandlersApartByHeader() {
		assertApart("/by-header", new String[] { "X-Action", "charge" }, "/by-header",
				new String[] { "X-Action", "refund" });
	}

	@Test
	@DisplayName("F7: so are handlers that are told apart by the content type")
	void keepsHandlersApartByContentType() {
		assertApart("/by-type", new String[] { "Content-Type", "application/vnd.charge+json" }, "/by-type",
				new String[] { "Content-Type", "application/vnd.refund+json" });
	}

	@Test
	@DisplayName("F7: so are handlers that are told apart by a parameter")
	void keepsHandlersApartByParameter() {
		assertApart("/by-parameter?action=charge", new String[0], "/by-parameter?action=refund", new String[0]);
	}

	@Test
	@DisplayName("F7: so are handlers that are told apart by a version of the API")
	void keepsHandlersApartByVersion() {
		assertApart("/by-version", new String[] { "X-Api-Version", "1" }, "/by-version",
				new String[] { "X-Api-Version", "2" });
	}

	private static void assertApart(String path, String[] headers, String otherPath, String[] otherHeaders) {
		TestApp app = Cases.shared(List.of(Actions.class, VersionedActions.class),
				"spring.mvc.apiversion.use.header=X-Api-Version", "spring.mvc.apiversion.required=false",
				"spring.mvc.apiversion.supported=1,2");
		String key = TestApp.newKey();
		HttpResponse<byte[]> charge = Cases.post(app, path, key, key, headers);
		assertThat(TestApp.text(charge)).isEqualTo("charged");
		HttpResponse<byte[]> refund = Cases.post(app, otherPath, key, key, otherHeaders);
		assertThat(TestApp.text(refund)).isEqualTo("refunded");
		Cases.assertReplay(Cases.post(app, path, key, key, headers), charge);
		Cases.assertReplay(Cases.post(app, otherPath, key, key, otherHeaders), refund);
		assertThat(Cases.runs(app, key)).isEqualTo(2);
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F8: spellings of one path are one operation")
	void knowsPathByAnySpelling(Server server) {
		TestApp app = Cases.shared(List.of(Actions.class), server.property());
		String key = TestApp.newKey();
		RawRequest request = RawRequest.post("/payments/a-b").header("Idempotency-Key", key).header("X-Run", key);
		RawRequest.Response first = request.send(app.port());
		assertThat(first.status()).isEqualTo(200);
		for (String spelling : List.of("/payments/a%2Db", "/payments/a%2db", "/pay%6dents/a-b", "/payments/a-b;x=1",
				"/payments;y=2/a-b", "/payments/a-b;jsessionid=ABC", "/payments/a-b?")) {
			RawRequest.Response retry = request.to(spelling).send(app.port());
			assertThat(retry.isReplay()).as(spelling + " " + retry).isTrue();
			assertThat(retry.body()).isEqualTo(first.body());
		}
		assertThat(Cases.runs(app, key)).isEqualTo(1);
	}

	@Test
	@DisplayName("F8: paths that name different things, and matrix variables that a handler asks for, are not")
	void keepsPathsApart() {
		TestApp app = Cases.shared(List.of(Actions.class));
		String key = TestApp.newKey();
		RawRequest request = RawRequest.post("/payments/a-b").header("Idempotency-Key", key).header("X-Run", key);
		for (String path : List.of("/payments/a-b", "/payments/a%25b", "/payments/a%2525b", "/payments/A-B",
				"/matrix/a;currency=EUR", "/matrix/a;currency=USD")) {
			RawRequest.Response answer = request.to(path).send(app.port());
			assertThat(answer.status()).as(path).isEqualTo(200);
			assertThat(answer.isReplay()).as(path).isFalse();
		}
		assertThat(Cases.runs(app, key)).isEqualTo(6);
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("K6: two equal lines are one key, also when a proxy merged them")
	void knowsMergedKey(Server server) {
		TestApp app = Cases.shared(List.of(Actions.class), server.property());
		String key = TestApp.newKey();
		RawRequest request = RawRequest.post("/payments/a").header("X-Run", key);
		RawRequest.Response first = request.line("Idempotency-Key", key).send(app.port());
		assertThat(first.status()).isEqualTo(200);
		for (RawRequest retry : List.of(request.line("Idempotency-Key", key).line("Idempotency-Key", key),
				request.line("Idempotency-Key", key + ", " + key), request.line("Idempotency-Key", key + "," + key),
				request.line("Idempotency-Key", "\"" + key + "\", \"" + key + "\""),
				request.line("Idempotency-Key", "\"" + key + "\"").line("Idempotency-Key", key))) {
			RawRequest.Response answer = retry.send(app.port());
			assertThat(answer.isReplay()).as(retry.headers() + " " + answer).isTrue();
		}
		assertThat(Cases.runs(app, key)).isEqualTo(1);
	}

	@Test
	@DisplayName("K6: otherwise a comma is part of a bare key, and two different lines are refused")
	void takesCommaInBareKey() {
		TestApp app = Cases.shared(List.of(Actions.class));
		RawRequest request = RawRequest.post("/payments/a").header("X-Run", "comma");
		String key = TestApp.newKey();
		assertThat(request.line("Idempotency-Key", key + ", b").send(app.port()).status()).isEqualTo(200);
		assertThat(request.line("Idempotency-Key", key + ", b").send(app.port()).isReplay()).isTrue();
		assertThat(request.line("Idempotency-Key", key).send(app.port()).isReplay()).isFalse();
		assertThat(request.line("Idempotency-Key", key).line("Idempotency-Key", "b").send(app.port()).status())
			.isEqualTo(422);
		assertThat(Cases.runs(app, "comma")).isEqualTo(2);
	}

	/**
	 * The characters stand for the bytes that are sent.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "k\u00e9", "k\u00c3\u00a9", "\u00ff\u00fe", "k;a=1", "{\"k\":1}", "a b", "(k)", "k\"",
			"@<>[]\\", "k=v&x", "\u0080" })
	@DisplayName("K6: a bare key may hold any character but controls, as its bytes came")
	void takesAnyCharacterInBareKey(String suffix) {
		TestApp app = Cases.shared(List.of(Actions.class));
		String run = TestApp.newKey();
		String key = run + suffix;
		RawRequest request = RawRequest.post("/payments/a").header("X-Run", run);
		RawRequest.Response first = request.line("Idempotency-Key", key).send(app.port());
		assertThat(first.status()).as(first.body()).isEqualTo(200);
		assertThat(request.line("Idempotency-Key", key).send(app.port()).isReplay()).isTrue();
		RawRequest.Response other = request.line("Idempotency-Key", key + "\u00ea").send(app.port());
		assertThat(other.status()).isEqualTo(200);
		assertThat(other.isReplay()).isFalse();
		assertThat(Cases.runs(app, run)).isEqualTo(2);
	}

	@Test
	@DisplayName("K6: a control in a bare key is refused")
	void refusesControlInBareKey() {
		TestApp app = Cases.shared(List.of(Actions.class));
		RawRequest.Response refused = RawRequest.post("/payments/a")
			.header("X-Run", "control")
			.line("Idempotency-Key", "a\tb")
			.send(app.port());
		assertThat(refused.status()).isEqualTo(422);
		assertThat(Cases.runs(app, "control")).isZero();
	}

	@Test
	@DisplayName("F8: the values of scope-headers are delimited and counted")
	void countsValuesOfScopeHeaders() {
		TestApp app = Cases.shared(List.of(Actions.class), "idempotency.scope-headers=X-A,X-B");
		String key = TestApp.newKey();
		RawRequest request = RawRequest.post("/payments/a").header("Idempotency-Key", key).header("X-Run", key);
		List<RawRequest> different = List.of(request, request.line("X-A", "1"), request.line("X-B", "1"),
				request.line("X-A", "1").line("X-A", "2"), request.line("X-A", "1").line("X-B", "2"),
				request.line("X-B", "1").line("X-B", "2"), request.line("X-A", "12"), request.line("X-A", ""),
				request.line("X-A", "").line("X-B", ""), request.line("X-A", "1").line("X-A", ""),
				request.line("X-A", "1").line("X-B", ""), request.line("X-A", "X-B"),
				// A value may look like the name of the next header.
				request.line("X-A", "1").line("X-A", "x-b").line("X-A", "2"),
				request.line("X-A", "1").line("X-B", "2").line("X-B", "x-b"));
		for (RawRequest each : different) {
			RawRequest.Response first = each.send(app.port());
			assertThat(first.status()).isEqualTo(200);
			assertThat(first.isReplay()).as("The first with " + each.headers()).isFalse();
		}
		for (RawRequest each : different) {
			assertThat(each.send(app.port()).isReplay()).as("The second with " + each.headers()).isTrue();
		}
		assertThat(Cases.runs(app, key)).isEqualTo(different.size());
	}

	@Test
	@DisplayName("F10: fingerprint-ignore names what it names in the body as it was sent")
	void ignoresElementsByWhereTheyWere() {
		TestApp app = Cases.shared(List.of(Actions.class), JSON, "idempotency.fingerprint-ignore=/items/0,/items/1");
		String key = TestApp.newKey();
		assertThat(send(app, key, "{\"items\":[\"a\",\"b\",\"c\"]}").statusCode()).isEqualTo(200);
		assertThat(Cases.isReplay(send(app, key, "{\"items\":[\"x\",\"y\",\"c\"]}"))).isTrue();
		assertThat(send(app, key, "{\"items\":[\"a\",\"b\",\"z\"]}").statusCode()).isEqualTo(422);
		assertThat(send(app, key, "{\"items\":[\"a\",\"b\",\"c\",\"d\"]}").statusCode()).isEqualTo(422);
		assertThat(Cases.runs(app, key)).isEqualTo(1);
	}

	@ParameterizedTest
	@CsvSource({ "10, 10.0", "10, 1e1", "1, 1.0", "0, -0.0", "0, 0e7", "100, 1E+2", "0.1, 1e-1",
			"1e99999999999, 10e99999999998", "123456789012345678901234567890, 123456789012345678901234567890.00" })
	@DisplayName("F10: with fingerprint-json, numbers are compared by value")
	void comparesNumbersByValue(String one, String other) {
		TestApp app = Cases.shared(List.of(Actions.class), JSON);
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = send(app, key, "{\"amount\":" + one + "}");
		assertThat(first.statusCode()).as(TestApp.text(first)).isEqualTo(200);
		Cases.assertReplay(send(app, key, "{\"amount\": " + other + "}"), first);
	}

	@ParameterizedTest
	@CsvSource({ "1, 2", "1e99999999999, 1e99999999998", "10, 100", "0.1, 0.10000000000000000001", "1, -1",
			"1, '\"1\"'", "9007199254740993, 9007199254740992" })
	@DisplayName("F10: numbers of different value differ, however large their exponents")
	void tellsNumbersApart(String one, String other) {
		TestApp app = Cases.shared(List.of(Actions.class), JSON);
		String key = TestApp.newKey();
		assertThat(send(app, key, "{\"amount\":" + one + "}").statusCode()).isEqualTo(200);
		assertThat(send(app, key, "{\"amount\":" + other + "}").statusCode()).isEqualTo(422);
		assertThat(Cases.runs(app, key)).isEqualTo(1);
	}

	private static HttpResponse<byte[]> send(TestApp app, String key, String body) {
		return app.post("/payments/a", key, body, "X-Run", key);
	}

	@RestController
	static class Actions {

		private final Ledger ledger;

		Actions(Ledger ledger) {
			this.ledger = ledger;
		}

		private String charge() {
			this.ledger.charge();
			return "charged";
		}

		private String refund() {
			this.ledger.charge();
			return "refunded";
		}

		@PostMapping(path = "/by-header", headers = "X-Action=charge")
		String chargeByHeader() {
			return charge();
		}

		@PostMapping(path = "/by-header", headers = "X-Action=refund")
		String refundByHeader() {
			return refund();
		}

		@PostMapping(path = "/by-type", consumes = "application/vnd.charge+json")
		String chargeByType() {
			return charge();
		}

		@PostMapping(path = "/by-type", consumes = "application/vnd.refund+json")
		String refundByType() {
			return refund();
		}

		@PostMapping(path = "/by-parameter", params = "action=charge")
		String chargeByParameter() {
			return charge();
		}

		@PostMapping(path = "/by-parameter", params = "action=refund")
		String refundByParameter() {
			return refund();
		}

		@PostMapping("/payments/{id}")
		Map<String, String> pay(@PathVariable String id) {
			this.ledger.charge();
			return Map.of("id", id);
		}

		@PostMapping("/matrix/{id}")
		String matrix(@PathVariable String id, @MatrixVariable String currency) {
			this.ledger.charge();
			return id + " in " + currency;
		}

	}

	/**
	 * It needs an application that has versions.
	 */
	@RestController
	static class VersionedActions {

		private final Ledger ledger;

		VersionedActions(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping(path = "/by-version", version = "1")
		String charge() {
			this.ledger.charge();
			return "charged";
		}

		@PostMapping(path = "/by-version", version = "2")
		String refund() {
			this.ledger.charge();
			return "refunded";
		}

	}

}
