package io.idempotency.web.operation;

import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * Reduces JSON to its content: without white space, members in one order, numbers exact,
 * and without what is to be ignored.
 */
public final class JsonContent {

	private static final JsonMapper ANY_CONTENT = JsonMapper.builder()
		.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
		.build();

	private final JsonMapper mapper = JsonMapper.builder()
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		.enable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, JsonNodeFeature.WRITE_PROPERTIES_SORTED)
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
	 * Returns whether bytes are one JSON value.
	 * @param bytes the bytes of a body
	 * @return whether they read as JSON
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
	 * Returns the content as bytes, or the bytes themselves if they are not valid JSON.
	 */
	byte[] canonicalize(byte[] bytes) {
		try {
			JsonNode content = this.mapper.readTree(bytes);
			this.ignored.forEach((pointer) -> remove(pointer, content));
			return this.mapper.writeValueAsBytes(content);
		}
		catch (JacksonException ex) {
			return bytes;
		}
	}

	private static void remove(JsonPointer pointer, JsonNode content) {
		JsonNode parent = content.at(pointer.head());
		JsonPointer member = pointer.last();
		if (parent instanceof ObjectNode object) {
			object.remove(member.getMatchingProperty());
		}
		else if (parent instanceof ArrayNode array && member.mayMatchElement()) {
			array.remove(member.getMatchingIndex());
		}
	}

}
