package io.idempotency.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.idempotency.testing.Runs;
import io.idempotency.testing.ServerKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Import;
import org.springframework.util.DigestUtils;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StreamUtils;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource
@Tag("virtual-threads")
class RequestBodyTests {

	private static final String FORM = "application/x-www-form-urlencoded";

	private static final String TIMESTAMP = "\"timestamp\":\"[^\"]*\"";

	private static final String BOUNDARY = "----boundary";

	private final TestApp app;

	RequestBodyTests(ServerKind server) {
		this.app = server.shared(List.of(Bodies.class), "idempotency.methods=POST,PUT,PATCH",
				"spring.servlet.encoding.force-request=false", "spring.servlet.multipart.max-file-size=20MB",
				"spring.servlet.multipart.max-request-size=20MB");
	}

	// F3
	@ParameterizedTest
	@CsvSource({ "POST,/param", "POST,/params", "POST,/model", "POST,/body-map", "POST,/raw-stream", "POST,/raw-reader",
			"POST,/parameter-map", "POST,/stream-after-parameter", "PUT,/param", "PUT,/params", "PUT,/model",
			"PATCH,/param", "PATCH,/params", "PATCH,/model" })
	void handlersOfFormsWorkAsWithoutKey(String method, String path) {
		for (String body : List.of("a=1&b=2", "a=Gr%C3%BC%C3%9Fe&b=x+y", "a=1&b=%26%3D%25%2B&b=+", "b=2&a=", "a=1&b")) {
			assertWorksAsWithoutKey(method, path, body.getBytes(StandardCharsets.US_ASCII), FORM);
		}
	}

	// F3
	@ParameterizedTest
	@ValueSource(strings = { "/param", "/params", "/body-map", "/raw-stream", "/parameter-map" })
	void handlersOfFormsWithQueryWorkAsWithoutKey(String path) {
		byte[] form = "a=1&b=2".getBytes(StandardCharsets.US_ASCII);
		assertWorksAsWithoutKey("POST", path + "?a=query&c=3", form, FORM);
		assertWorksAsWithoutKey("POST", path + "?b=x%20y&b=%C3%BC&d", form, FORM);
		assertWorksAsWithoutKey("POST", path + "?a%5B%5D=1&a=1", form, FORM + ";charset=UTF-8");
	}

	// F3
	@Test
	void formWithMalformedQueryWorksAsWithoutKey() throws IOException {
		String unprotected = sendRaw("/param?x=%zz&y=%", null);
		String first = sendRaw("/param?x=%zz&y=%", TestApp.newKey());
		assertThat(first).isEqualTo(unprotected);
	}

	// F3
	@Test
	void formInAnotherCharsetWorksAsWithoutKey() {
		byte[] form = "a=Gr%FC%DFe&b=2".getBytes(StandardCharsets.US_ASCII);
		assertWorksAsWithoutKey("POST", "/param", form, FORM + ";charset=ISO-8859-1");
		assertWorksAsWithoutKey("POST", "/body-map", form, FORM + ";charset=ISO-8859-1");
	}

	// F3
	@Test
	void emptyFormWorksAsWithoutKey() {
		assertWorksAsWithoutKey("POST", "/params", new byte[0], FORM);
		assertWorksAsWithoutKey("POST", "/raw-stream", new byte[0], FORM);
	}

	// F3
	@Test
	void formWithAsManyParametersAsContainerAcceptsWorksAsWithoutKey() {
		assertWorksAsWithoutKey("POST", "/param", formOf(1000), FORM);
		assertThat(send("POST", "/param", TestApp.newKey(), formOf(1001), FORM).statusCode())
			.isEqualTo(send("POST", "/param", null, formOf(1001), FORM).statusCode())
			.isEqualTo(400);
	}

	private static byte[] formOf(int names) {
		return IntStream.range(2, names)
			.mapToObj((name) -> "&p" + name)
			.collect(Collectors.joining("", "a=1&b=2", ""))
			.getBytes(StandardCharsets.US_ASCII);
	}

	// F3
	@Test
	void partsOfEveryMultipartBodyAreCompared() {
		String key = TestApp.newKey();
		String type = "multipart/mixed; boundary=" + BOUNDARY;
		int first = send("POST", "/servlet-parts", key, multipart(new byte[] { 1 }), type).statusCode();
		assertThat(first)
			.isEqualTo(send("POST", "/servlet-parts", null, multipart(new byte[] { 1 }), type).statusCode());
		if (first < 300) {
			assertThat(send("POST", "/servlet-parts", key, multipart(new byte[] { 2 }), type).statusCode())
				.isEqualTo(422);
		}
	}

	// F3
	@ParameterizedTest
	@ValueSource(strings = { "/part", "/file", "/files", "/multipart-model", "/servlet-parts", "/multipart-params" })
	void handlersOfMultipartFormsWorkAsWithoutKey(String path) {
		assertWorksAsWithoutKey("POST", path, multipart(new byte[] { 0, 1, 2, -1 }),
				"multipart/form-data; boundary=" + BOUNDARY);
		byte[] large = new byte[2_000_000];
		new Random(1).nextBytes(large);
		assertWorksAsWithoutKey("POST", path, multipart(large), "multipart/form-data; boundary=" + BOUNDARY);
	}

	// F5
	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 1000, 1_048_575, 1_048_576, 1_048_577, 10_000_000 })
	void bodyReachesHandlerWhole(int size) {
		byte[] body = new byte[size];
		new Random(size).nextBytes(body);
		for (String path : List.of("/bytes", "/stream", "/stream-single-bytes", "/stream-read-all")) {
			assertWorksAsWithoutKey("POST", path, body, "application/octet-stream");
			assertWorksAsWithoutKey("POST", path, body, "application/json");
		}
		HttpResponse<byte[]> response = send("POST", "/bytes", TestApp.newKey(), body, "application/json");
		assertThat(TestApp.text(response)).isEqualTo(Bodies.describe(body));
	}

	// F5
	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2_000_000 })
	void chunkedBodyReachesHandlerWhole(int size) {
		byte[] body = new byte[size];
		new Random(size).nextBytes(body);
		String key = TestApp.newKey();
		HttpRequest request = this.app.request("POST", "/stream", key, new byte[0], "X-Run", key)
			.POST(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)))
			.build();
		HttpResponse<byte[]> first = this.app.send(request);
		HttpResponse<byte[]> retry = this.app.send(request);
		assertThat(TestApp.text(first)).isEqualTo(Bodies.describe(body));
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).isPresent();
		assertThat(retry.body()).isEqualTo(first.body());
	}

	// F3
	@Test
	void textIsReadInItsCharset() {
		assertWorksAsWithoutKey("POST", "/reader", "Grüße".getBytes(StandardCharsets.UTF_8),
				"text/plain;charset=UTF-8");
		assertWorksAsWithoutKey("POST", "/reader", "Grüße".getBytes(StandardCharsets.ISO_8859_1),
				"text/plain;charset=ISO-8859-1");
		assertWorksAsWithoutKey("POST", "/reader", "Grüße".getBytes(StandardCharsets.UTF_8), "text/plain");
		assertWorksAsWithoutKey("POST", "/reader", "{\"a\":\"Grüße\"}".getBytes(StandardCharsets.UTF_8),
				"application/json");
		assertWorksAsWithoutKey("POST", "/json", "{\"a\":\"Grüße\"}".getBytes(StandardCharsets.UTF_8),
				"application/json");
		assertWorksAsWithoutKey("POST", "/json", "{\"a\":".getBytes(StandardCharsets.UTF_8), "application/json");
	}

	private void assertWorksAsWithoutKey(String method, String path, byte[] body, String contentType) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> unprotected = send(method, path, null, body, contentType);
		HttpResponse<byte[]> first = send(method, path, key, body, contentType);
		String described = method + " " + path + " with " + body.length + " bytes of " + contentType;
		assertThat(describe(first)).as(described).isEqualTo(describe(unprotected));
		HttpResponse<byte[]> retry = send(method, path, key, body, contentType);
		if (first.statusCode() < 300) {
			assertThat(retry.headers().firstValue("Idempotent-Replayed")).as(described).isPresent();
			assertThat(this.app.bean(Runs.class).count(key)).as(described).isEqualTo(1);
		}
		assertThat(describe(retry)).as(described).isEqualTo(describe(first));
	}

	private static String describe(HttpResponse<byte[]> response) {
		return response.statusCode() + " " + response.headers().allValues("Content-Type") + " "
				+ TestApp.text(response).replaceAll(TIMESTAMP, "");
	}

	private HttpResponse<byte[]> send(String method, String path, @Nullable String key, byte[] body,
			String contentType) {
		return this.app.send(this.app
			.request(method, path, key, body, "Content-Type", contentType, "X-Run", (key != null) ? key : "none")
			.build());
	}

	/**
	 * Sends what {@link URI} does not take.
	 */
	private String sendRaw(String path, @Nullable String key) throws IOException {
		try (Socket socket = new Socket("127.0.0.1", this.app.port())) {
			String request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Run: x\r\n"
					+ "Content-Type: " + FORM + "\r\nContent-Length: 7\r\n"
					+ ((key != null) ? "Idempotency-Key: " + key + "\r\n" : "") + "\r\na=1&b=2";
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			return response.lines().findFirst().orElse("")
					+ response.substring(response.indexOf("\r\n\r\n")).replaceAll(TIMESTAMP, "");
		}
	}

	private static byte[] multipart(byte[] file) {
		String start = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nGrüße\r\n" + "--"
				+ BOUNDARY
				+ "\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n"
				+ "{\"a\":1}\r\n" + "--" + BOUNDARY
				+ "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.bin\"\r\n"
				+ "Content-Type: application/octet-stream\r\n\r\n";
		String end = "\r\n--" + BOUNDARY + "--\r\n";
		byte[] startBytes = start.getBytes(StandardCharsets.UTF_8);
		byte[] endBytes = end.getBytes(StandardCharsets.UTF_8);
		byte[] body = Arrays.copyOf(startBytes, startBytes.length + file.length + endBytes.length);
		System.arraycopy(file, 0, body, startBytes.length, file.length);
		System.arraycopy(endBytes, 0, body, startBytes.length + file.length, endBytes.length);
		return body;
	}

	@RestController
	@Import(Runs.class)
	static class Bodies {

		private final Runs runs;

		Bodies(Runs runs) {
			this.runs = runs;
		}

		static String describe(byte[] bytes) {
			return bytes.length + " bytes, " + DigestUtils.md5DigestAsHex(bytes);
		}

		private void run(HttpServletRequest request) {
			this.runs.next(request.getHeader("X-Run"));
		}

		@RequestMapping("/param")
		String param(HttpServletRequest request, @RequestParam String a, @RequestParam List<String> b) {
			run(request);
			return a + " and " + b;
		}

		@RequestMapping("/params")
		String params(HttpServletRequest request, @RequestParam MultiValueMap<String, String> params) {
			run(request);
			return new TreeMap<>(params).toString();
		}

		@RequestMapping("/parameter-map")
		String parameterMap(HttpServletRequest request) {
			run(request);
			List<String> names = new ArrayList<>(Collections.list(request.getParameterNames()));
			Collections.sort(names);
			return names.stream()
				.map((name) -> name + "=" + Arrays.toString(request.getParameterValues(name)))
				.toList()
				.toString();
		}

		@RequestMapping("/model")
		String model(HttpServletRequest request, @ModelAttribute Form form) {
			run(request);
			return form.toString();
		}

		@RequestMapping("/body-map")
		String bodyMap(HttpServletRequest request, @RequestBody MultiValueMap<String, String> form) {
			run(request);
			return new TreeMap<>(form).toString();
		}

		/**
		 * The parameters that the raw body of a form says, which may be encoded in
		 * another way.
		 */
		@RequestMapping("/raw-stream")
		String rawStream(HttpServletRequest request) throws IOException {
			run(request);
			return decode(new String(request.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
		}

		@RequestMapping("/raw-reader")
		String rawReader(HttpServletRequest request) throws IOException {
			run(request);
			return decode(String.join("", request.getReader().lines().toList()));
		}

		@RequestMapping("/stream-after-parameter")
		String streamAfterParameter(HttpServletRequest request) {
			run(request);
			return request.getParameter("a") + " " + request.getContentType();
		}

		private static String decode(String form) {
			return Stream.of(form.split("&"))
				.filter((pair) -> !pair.isEmpty())
				.map((pair) -> pair.contains("=") ? pair : pair + "=")
				.map((pair) -> URLDecoder.decode(pair, StandardCharsets.UTF_8))
				.sorted()
				.toList()
				.toString();
		}

		@RequestMapping("/part")
		String part(HttpServletRequest request, @RequestPart("json") Map<String, Object> json,
				@RequestPart("file") MultipartFile file) throws IOException {
			run(request);
			return json + " " + file.getOriginalFilename() + " " + describe(file.getBytes());
		}

		@RequestMapping("/file")
		String file(HttpServletRequest request, @RequestParam MultipartFile file, @RequestParam String text)
				throws IOException {
			run(request);
			return text + " " + file.getContentType() + " " + describe(file.getBytes());
		}

		@RequestMapping("/files")
		String files(HttpServletRequest request, @RequestParam MultiValueMap<String, MultipartFile> files) {
			run(request);
			return files.keySet() + " " + files.values().stream().map(List::size).toList();
		}

		@RequestMapping("/multipart-model")
		String multipartModel(HttpServletRequest request, @ModelAttribute Upload upload) throws IOException {
			run(request);
			return upload.text() + " " + describe(upload.file().getBytes());
		}

		@RequestMapping("/servlet-parts")
		String servletParts(HttpServletRequest request) throws IOException, ServletException {
			run(request);
			StringBuilder answer = new StringBuilder();
			for (Part part : request.getParts()) {
				try (InputStream content = part.getInputStream()) {
					answer.append(part.getName())
						.append(part.getSubmittedFileName())
						.append(describe(content.readAllBytes()));
				}
			}
			return answer.toString();
		}

		@RequestMapping("/multipart-params")
		String multipartParams(HttpServletRequest request, @RequestParam Map<String, String> params) {
			run(request);
			return new TreeMap<>(params).toString();
		}

		@RequestMapping("/bytes")
		String bytes(HttpServletRequest request, @RequestBody(required = false) byte @Nullable [] body) {
			run(request);
			return describe((body != null) ? body : new byte[0]);
		}

		@RequestMapping("/stream")
		String stream(HttpServletRequest request, InputStream in) throws IOException {
			run(request);
			return describe(StreamUtils.copyToByteArray(in));
		}

		@RequestMapping("/stream-single-bytes")
		String streamSingleBytes(HttpServletRequest request) throws IOException {
			run(request);
			InputStream in = request.getInputStream();
			long sum = 0;
			int read = in.read();
			while (read >= 0) {
				sum = sum * 31 + read;
				read = in.read();
			}
			return sum + " " + request.getInputStream().isFinished() + " " + in.read();
		}

		@RequestMapping("/stream-read-all")
		String streamReadAll(HttpServletRequest request) throws IOException {
			run(request);
			byte[] start = request.getInputStream().readNBytes(3);
			return Base64.getEncoder().encodeToString(start) + describe(request.getInputStream().readAllBytes());
		}

		@RequestMapping("/reader")
		String reader(HttpServletRequest request, @RequestHeader("Content-Type") String contentType)
				throws IOException {
			run(request);
			return contentType + " " + request.getReader().lines().toList();
		}

		@RequestMapping("/json")
		Map<String, Object> json(HttpServletRequest request, @RequestBody Map<String, Object> json) {
			run(request);
			return json;
		}

	}

	record Form(@Nullable String a, @Nullable List<String> b) {
	}

	record Upload(String text, MultipartFile file) {
	}

}
