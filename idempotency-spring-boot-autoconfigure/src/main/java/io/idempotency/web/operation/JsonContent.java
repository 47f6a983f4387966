package io.idempotency.web.operation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * Converts JSON to a canonical form in which documents with the same content are equal.
 * The form has no white space, sorted members and normalized numbers, and lacks the
 * values that are ignored.
 */
public final class JsonContent {

	private static final JsonMapper ANY_CONTENT = JsonMapper.builder()
		.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
		.build();

	private final JsonFactory factory = JsonFactory.builder()
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		.build();

	private final List<JsonPointer> ignored;

	JsonContent(List<String> ignored) {
		this.ignored = ignored.stream().map(JsonPointer::compile).toList();
	}

	static boolean isJson(@Nullable String contentType) {
		try {
			MediaType mediaType = (contentType != null) ? MediaType.parseMediaType(contentType) : MediaType.ALL;
			return mediaType.getSubtype().equals("json") || "json".equals(mediaType.getSubtypeSuffix());
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

	/**
	 * Returns whether bytes are a single valid JSON value.
	 * @param bytes the bytes of a body
	 * @return whether they are valid JSON
	 */
	public static boolean isValid(byte[] bytes) {
		try {
			return !ANY_CONTENT.readTree(bytes).isMissingNode();
		}
		catch (JacksonException ex) {
			return false;
		}
	}

	/**
	 * Returns the canonical form, or the bytes unchanged if they are not valid JSON,
	 * contain a member twice, or exceed Jackson's limits for nesting or numbers.
	 */
	byte[] canonicalize(byte[] bytes) {
		try (JsonParser parser = this.factory.createParser(ObjectReadContext.empty(), bytes)) {
			if (parser.nextToken() == null) {
				return bytes;
			}
			Value content = read(parser, this.ignored);
			if (parser.nextToken() != null) {
				return bytes;
			}
			StringBuilder text = new StringBuilder(bytes.length);
			content.writeTo(text);
			return text.toString().getBytes(StandardCharsets.US_ASCII);
		}
		catch (JacksonException ex) {
			return bytes;
		}
	}

	/**
	 * Reads the current value of the parser. Numbers are read as text, because no numeric
	 * type can hold every exponent.
	 */
	private static Value read(JsonParser parser, List<JsonPointer> ignored) {
		return switch (parser.currentToken()) {
			case START_OBJECT -> readObject(parser, ignored);
			case START_ARRAY -> readArray(parser, ignored);
			case VALUE_STRING -> new Scalar(quote(parser.getString()));
			case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Scalar(JsonNumber.canonical(parser.getString()));
			default -> new Scalar(parser.getString());
		};
	}

	private static ObjectValue readObject(JsonParser parser, List<JsonPointer> ignored) {
		SortedMap<String, Value> members = new TreeMap<>();
		while (parser.nextToken() != JsonToken.END_OBJECT) {
			String name = parser.currentName();
			parser.nextToken();
			List<JsonPointer> below = below(ignored, (pointer) -> pointer.matchProperty(name));
			if (below.stream().anyMatch(JsonPointer::matches)) {
				parser.skipChildren();
			}
			else {
				members.put(quote(name), read(parser, below));
			}
		}
		return new ObjectValue(members);
	}

	/**
	 * Reads an array. Ignored elements count for the indexes of the elements after them.
	 */
	private static ArrayValue readArray(JsonParser parser, List<JsonPointer> ignored) {
		List<Value> elements = new ArrayList<>();
		for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
			int index = i;
			List<JsonPointer> below = below(ignored, (pointer) -> pointer.matchElement(index));
			if (below.stream().anyMatch(JsonPointer::matches)) {
				parser.skipChildren();
			}
			else {
				elements.add(read(parser, below));
			}
		}
		return new ArrayValue(elements);
	}

	/**
	 * Returns the remaining parts of the pointers that lead to a member or an element.
	 */
	private static List<JsonPointer> below(List<JsonPointer> pointers,
			Function<JsonPointer, @Nullable JsonPointer> step) {
		if (pointers.isEmpty()) {
			return pointers;
		}
		List<JsonPointer> below = new ArrayList<>();
		for (JsonPointer pointer : pointers) {
			JsonPointer rest = step.apply(pointer);
			if (rest != null) {
				below.add(rest);
			}
		}
		return below;
	}

	/**
	 * Quotes a string in ASCII, which also preserves unpaired surrogates.
	 */
	private static String quote(String text) {
		StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character == '"' || character == '\\') {
				quoted.append('\\').append(character);
			}
			else if (character >= ' ' && character <= '~') {
				quoted.append(character);
			}
			else {
				quoted.append("\\u");
				for (int shift = 12; shift >= 0; shift -= 4) {
					quoted.append(Character.forDigit((character >> shift) & 0xf, 16));
				}
			}
		}
		return quoted.append('"').toString();
	}

	private sealed interface Value {

		void writeTo(StringBuilder out);

	}

	private record Scalar(String text) implements Value {

		@Override
		public void writeTo(StringBuilder out) {
			out.append(this.text);
		}

	}

	private record ArrayValue(List<Value> elements) implements Value {

		@Override
		public void writeTo(StringBuilder out) {
			String separator = "[";
			for (Value element : this.elements) {
				out.append(separator);
				element.writeTo(out);
				separator = ",";
			}
			out.append(this.elements.isEmpty() ? "[]" : "]");
		}

	}

	private record ObjectValue(SortedMap<String, Value> members) implements Value {

		@Override
		public void writeTo(StringBuilder out) {
			String separator = "{";
			for (var member : this.members.entrySet()) {
				out.append(separator).append(member.getKey()).append(':');
				member.getValue().writeTo(out);
				separator = ",";
			}
			out.append(this.members.isEmpty() ? "{}" : "}");
		}

	}

}
