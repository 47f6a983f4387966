package io.idempotency.result;

import java.util.HashSet;
import java.util.Set;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.impl.TypeWrappedDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.ser.bean.BeanSerializerBase;

import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;

/**
 * Checks whether results of a type can be written and read back, before any work runs.
 * Problems that depend on a value are found when the value is written.
 */
final class ReadableTypes {

	private final JsonMapper mapper;

	ReadableTypes(JsonMapper mapper) {
		this.mapper = mapper;
	}

	/**
	 * Requires that results of a type can be stored.
	 * @throws IllegalArgumentException if they cannot; the message says why
	 */
	void require(JavaType type) {
		require(type, new HashSet<>());
	}

	private void require(JavaType type, Set<JavaType> seen) {
		if (!seen.add(type)) {
			return;
		}
		if (type.isContainerType() || type.isReferenceType()) {
			requireContent(type, seen);
			return;
		}
		if (type.hasRawClass(Object.class) && seen.size() == 1) {
			throw new IllegalArgumentException("a result of type Object cannot be read back as its original type");
		}
		try {
			requireWritable(type);
			requireReadable(type, seen);
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException(
					type.toCanonical() + " cannot be used as JSON: " + ex.getOriginalMessage(), ex);
		}
	}

	private void requireContent(JavaType type, Set<JavaType> seen) {
		if (type.getContentType() != null) {
			require(type.getContentType(), seen);
		}
	}

	private void requireWritable(JavaType type) {
		var context = this.mapper._serializationContext();
		ValueSerializer<?> serializer = context.findRootValueSerializer(type);
		boolean nothing = context.isUnknownTypeSerializer(serializer)
				|| (serializer instanceof BeanSerializerBase bean && !bean.properties().hasNext());
		if (nothing && !type.hasRawClass(Object.class)) {
			throw new IllegalArgumentException(
					type.toCanonical() + " has no properties that could be stored; add properties, or return nothing");
		}
	}

	private void requireReadable(JavaType type, Set<JavaType> seen) {
		DeserializationContext context = this.mapper._deserializationContext();
		ValueDeserializer<?> deserializer = context.findRootValueDeserializer(type);
		if (deserializer instanceof TypeWrappedDeserializer) {
			requireNamesOfItsOwn(type);
			return;
		}
		requireReadable(type, deserializer, seen);
	}

	/**
	 * Requires that a polymorphic type identifies its subtypes by logical names. Class
	 * names must not be stored.
	 */
	private static void requireNamesOfItsOwn(JavaType type) {
		JsonTypeInfo info = MergedAnnotations.from(type.getRawClass(), SearchStrategy.TYPE_HIERARCHY)
			.get(JsonTypeInfo.class)
			.synthesize(MergedAnnotation::isPresent)
			.orElse(null);
		if (info != null && (info.use() == JsonTypeInfo.Id.CLASS || info.use() == JsonTypeInfo.Id.MINIMAL_CLASS)) {
			throw new IllegalArgumentException(type.toCanonical()
					+ " stores the names of classes; use logical names, such as those of JsonTypeInfo.Id.NAME");
		}
	}

	private void requireReadable(JavaType type, @Nullable ValueDeserializer<?> deserializer, Set<JavaType> seen) {
		ValueDeserializer<?> delegate = unwrap(deserializer);
		if (delegate instanceof AbstractDeserializer) {
			throw new IllegalArgumentException(
					type.toCanonical() + " is abstract and cannot be read back; use a class");
		}
		if (delegate instanceof BeanDeserializerBase bean) {
			if (!bean.getValueInstantiator().canInstantiate()) {
				throw new IllegalArgumentException(
						type.toCanonical() + " cannot be read back; it needs a constructor that Jackson can call");
			}
			bean.properties().forEachRemaining((property) -> requireProperty(property, seen));
			bean.creatorProperties().forEachRemaining((property) -> requireProperty(property, seen));
		}
	}

	private void requireProperty(SettableBeanProperty property, Set<JavaType> seen) {
		if (!property.hasValueTypeDeserializer() && property.getAnnotation(JsonDeserialize.class) == null) {
			require(property.getType(), seen);
		}
	}

	private static @Nullable ValueDeserializer<?> unwrap(@Nullable ValueDeserializer<?> deserializer) {
		ValueDeserializer<?> inner = deserializer;
		while (inner != null && inner.getDelegatee() != null) {
			inner = inner.getDelegatee();
		}
		return inner;
	}

}
