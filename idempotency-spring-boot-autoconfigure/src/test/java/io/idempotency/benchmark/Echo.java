package io.idempotency.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * Answers with the body that it was sent.
 */
@RestController
class Echo {

	private static final int LARGEST_BODY = 128 * 1024;

	/**
	 * So many that little depends on which small objects the compiler optimizes away.
	 */
	private static final int CHARACTERS_PER_LINE = 400;

	private final AtomicInteger runs = new AtomicInteger();

	/**
	 * The same for every request, which only works because one thread serves them all.
	 */
	private final byte[] buffer = new byte[LARGEST_BODY];

	/**
	 * Converts the body to objects and back, as most handlers do.
	 */
	@PostMapping("/objects")
	Order objects(@RequestBody Order order) {
		this.runs.incrementAndGet();
		return order;
	}

	/**
	 * Allocates nothing itself, so that nothing hides what is allocated around it.
	 */
	@PostMapping("/streams")
	void streams(HttpServletRequest request, HttpServletResponse response) throws IOException {
		this.runs.incrementAndGet();
		InputStream input = request.getInputStream();
		int length = 0;
		int read = input.read(this.buffer, 0, LARGEST_BODY);
		while (read != -1) {
			length += read;
			read = input.read(this.buffer, length, LARGEST_BODY - length);
		}
		response.setContentType("application/json");
		response.setContentLength(length);
		response.getOutputStream().write(this.buffer, 0, length);
	}

	/**
	 * Returns how often a handler ran.
	 */
	int runs() {
		return this.runs.get();
	}

	/**
	 * Returns JSON for an {@link Order}.
	 * @param size how many bytes it has
	 */
	static byte[] body(int size) {
		StringBuilder body = new StringBuilder("{\"lines\":[{\"quantity\":1,\"sku\":\"the first line\"}");
		String line = ",{\"quantity\":3,\"sku\":\"" + "s".repeat(CHARACTERS_PER_LINE) + "\"}";
		String end = "],\"reference\":\"\"}";
		while (body.length() + line.length() + end.length() <= size) {
			body.append(line);
		}
		body.append(end).insert(body.length() - 2, "r".repeat(size - body.length()));
		return body.toString().getBytes(StandardCharsets.US_ASCII);
	}

	record Order(List<Line> lines, String reference) {
	}

	record Line(int quantity, String sku) {
	}

}
