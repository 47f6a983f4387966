package io.idempotency.result;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Sha256;
import io.idempotency.store.StoredResult;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes results as JSON of their declared type, and reads them back as this type. If a
 * result that is read differs from what was stored, this is an error: a type that was
 * changed in between must not change the result.
 * <p>
 * It uses a copy of the application's mapper without default typing, which also writes
 * null and empty values.
 */
public final class ResultJson {

	private final JsonMapper mapper;

	private final JsonMapper canonical;

	private final ReadableTypes readableTypes;

	/**
	 * Creates an instance.
	 * @param mapper the application's mapper
	 */
	public ResultJson(JsonMapper mapper) {
		this.mapper = mapper.rebuild()
			.deactivateDefaultTyping()
			.changeDefaultPropertyInclusion(
					(inclusion) -> JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
			.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
			.enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
			.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			.enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
			.disable(SerializationFeature.INDENT_OUTPUT)
			.addMixIn(Throwable.class, ThrowableAsAnswer.class)
			.build();
		this.canonical = this.mapper.rebuild()
			.enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
			.enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
			.build();
		this.readableTypes = new ReadableTypes(this.mapper);
	}

	/**
	 * Returns the type of an operation's results.
	 * @param type the type of the result
	 * @param exceptions the types of the exceptions that are stored like results
	 * @return the type
	 * @throws IllegalArgumentException if results of such a type could not be read back;
	 * the message says why
	 */
	public ResultType typeOf(Type type, List<Class<? extends Throwable>> exceptions) {
		ResultType resultType = new ResultType(this.mapper.constructType(type),
				exceptions.stream().map(this.mapper::constructType).toList());
		if (!resultType.isVoid()) {
			this.readableTypes.require(resultType.type());
		}
		resultType.exceptions().forEach(this.readableTypes::require);
		return resultType;
	}

	/**
	 * Returns the type of the value of an asynchronous result.
	 * @param holder the generic type of the asynchronous result
	 * @param holderType the interface whose only type parameter is the type of the value
	 * @return the type of the value
	 */
	public Type contentOf(Type holder, Class<?> holderType) {
		JavaType[] content = this.mapper.getTypeFactory()
			.findTypeParameters(this.mapper.constructType(holder), holderType);
		return (content != null && content.length == 1) ? content[0] : Object.class;
	}

	/**
	 * Writes a result, and verifies that it can be read back.
	 * @param type the type that the value is written as
	 * @param value the result
	 * @param maxSize the maximum size of the JSON, in bytes
	 * @param bound the name of this limit, for messages
	 * @return the result to store
	 * @throws NotStorableException if the JSON is longer, if the value cannot be written,
	 * or if it would be read back as a different value
	 */
	public StoredResult write(JavaType type, @Nullable Object value, long maxSize, String bound) {
		return write(type, value, false, null, maxSize, bound);
	}

	/**
	 * Writes what the work returned or threw, and verifies that it can be read back.
	 * @param type the type that the value is written as
	 * @param value the result or the exception
	 * @param thrown whether it was thrown
	 * @param traceId the identifier of the trace in which the work ran, or {@code null}
	 * @param maxSize the maximum size of the JSON, in bytes
	 * @param bound the name of this limit, for messages
	 * @return the result to store
	 * @throws NotStorableException if the JSON is longer, if the value cannot be written,
	 * or if it would be read back as a different value
	 */
	public StoredResult write(JavaType type, @Nullable Object value, boolean thrown, @Nullable String traceId,
			long maxSize, String bound) {
		byte[] json;
		try {
			json = this.mapper.writerFor(type).writeValueAsBytes(value);
			read(type, json);
		}
		catch (RuntimeException | StackOverflowError ex) {
			// A serializer of the application may throw anything.
			throw new NotStorableException(
					"it cannot be written as " + type.toCanonical() + " and read back: " + reason(ex), ex);
		}
		if (json.length > maxSize) {
			throw new NotStorableException(
					"it has " + json.length + " bytes, and " + bound + " is " + Math.max(0, maxSize), null);
		}
		return new StoredResult(thrown, type.toCanonical(), traceId, json);
	}

	private static @Nullable String reason(Throwable ex) {
		if (ex instanceof JacksonException json) {
			return json.getOriginalMessage();
		}
		return (ex instanceof IllegalArgumentException) ? ex.getMessage() : ex.toString();
	}

	/**
	 * Reads a stored result.
	 * @param type the type to read the result as
	 * @param json the stored JSON
	 * @return the result
	 * @throws IllegalArgumentException if the JSON cannot be read as this type, or would
	 * be read as a different value; the message says why
	 */
	public @Nullable Object read(JavaType type, byte[] json) {
		try {
			Object value = this.mapper.readerFor(type).readValue(json);
			byte[] again = this.mapper.writerFor(type).writeValueAsBytes(value);
			if (!Arrays.equals(json, again)) {
				SameJson.require(this.mapper.readTree(json), this.mapper.readTree(again));
			}
			return value;
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException(ex.getOriginalMessage(), ex);
		}
	}

	/**
	 * Returns the fingerprint of content that is compared when a key is used again. This
	 * is the digest of a text, or of the JSON of an object with its members in a fixed
	 * order.
	 * @param content the content
	 * @return its fingerprint
	 * @throws JacksonException if the content cannot be written
	 */
	public Fingerprint fingerprint(@Nullable Object content) {
		byte[] bytes = (content instanceof CharSequence text) ? text.toString().getBytes(StandardCharsets.UTF_8)
				: this.canonical.writeValueAsBytes(content);
		return new Fingerprint(new Sha256().add(bytes).toHex());
	}

	/**
	 * Excludes the properties of exceptions that are specific to the moment at which they
	 * were thrown.
	 */
	@JsonIgnoreProperties({ "stackTrace", "cause", "suppressed", "localizedMessage" })
	abstract static class ThrowableAsAnswer {

	}

}
