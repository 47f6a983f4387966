package io.idempotency.gauntlet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a client got, without what differs from one request to the next by nature: the
 * date, the port, time stamps and the identifiers of sessions.
 *
 * @param status the status, or {@code -1} if the connection broke
 * @param headers the headers by their names in lower case
 * @param body the body, one character for each byte
 */
record Answer(int status, Map<String, List<String>> headers, String body) {

	private static final List<String> FRAMING = List.of("connection", "keep-alive", "transfer-encoding",
			"content-length");

	static Answer broken(IOException ex) {
		return new Answer(-1, Map.of(), ex.toString());
	}

	static Answer of(HttpResponse<byte[]> response) {
		byte[] body = response.body();
		Map<String, List<String>> headers = new TreeMap<>();
		String host = response.uri().getAuthority();
		response.headers()
			.map()
			.forEach((name, values) -> headers.put(name,
					values.stream().map((value) -> withoutIdentifiers(value, host)).toList()));
		headers.remove("date");
		response.headers().firstValueAsLong("content-length").ifPresent((length) -> {
			assertThat(length).as("Content-Length").isEqualTo(body.length);
			headers.put("content-length", List.of("that of the body"));
		});
		boolean compressed = headers.getOrDefault("content-encoding", List.of()).contains("gzip");
		String text = new String(compressed ? decompress(body) : body, StandardCharsets.ISO_8859_1);
		return new Answer(response.statusCode(), headers, withoutIdentifiers(text, host));
	}

	private static byte[] decompress(byte[] body) {
		try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
			return in.readAllBytes();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String withoutIdentifiers(String text, String host) {
		return text.replace(host, "host")
			.replaceAll("(SESSION(?:ID)?)=[^;]+", "$1=...")
			.replaceAll("\"timestamp\":\"[^\"]*\"", "\"timestamp\":\"...\"")
			.replaceAll("<div id='created'>[^<]*", "<div id='created'>...");
	}

	boolean isBroken() {
		return this.status == -1;
	}

	boolean isReplay() {
		return this.headers.getOrDefault("idempotent-replayed", List.of()).equals(List.of("true"));
	}

	boolean isClosed() {
		return this.headers.getOrDefault("connection", List.of()).contains("close");
	}

	boolean isProblem(String type) {
		return this.headers.getOrDefault("content-type", List.of("")).get(0).startsWith("application/problem+json")
				&& this.body.contains(":" + type + "\"");
	}

	/**
	 * Returns this without what is between two servers, and with locations as a client
	 * understands them: what a key may change.
	 */
	Answer withoutFraming() {
		Answer answer = without(FRAMING);
		answer.headers()
			.computeIfPresent("location",
					(name, values) -> values.stream()
						.map((value) -> value.startsWith("/") ? "http://host" + value : value)
						.toList());
		return answer;
	}

	/**
	 * Returns this without some headers.
	 */
	Answer without(List<String> names) {
		Map<String, List<String>> headers = new TreeMap<>(this.headers);
		headers.keySet().removeAll(names);
		return new Answer(this.status, headers, this.body);
	}

	/**
	 * Returns where this differs from another answer, in one line. Connections that broke
	 * do not differ.
	 */
	String differenceFrom(Answer other) {
		if (isBroken() && other.isBroken()) {
			return "";
		}
		List<String> differences = new ArrayList<>();
		if (this.status != other.status) {
			differences.add("status " + this.status + " instead of " + other.status);
		}
		Map<String, List<String>> all = new TreeMap<>(this.headers);
		all.putAll(other.headers);
		all.keySet().forEach((name) -> {
			List<String> mine = this.headers.getOrDefault(name, List.of());
			List<String> others = other.headers.getOrDefault(name, List.of());
			if (!mine.equals(others)) {
				differences.add(name + " " + mine + " instead of " + others);
			}
		});
		if (!this.body.equals(other.body)) {
			differences.add("body " + shortened(this.body) + " instead of " + shortened(other.body));
		}
		return String.join(", ", differences);
	}

	private static String shortened(String text) {
		String line = text.replaceAll("\\s+", " ");
		return "'" + ((line.length() > 120) ? line.substring(0, 120) + "..." : line) + "' (" + text.length() + ")";
	}

}
