package io.idempotency.web;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.http.MediaType;

/**
 * What a native image needs to bind the properties, besides what Spring Boot knows of:
 * the types that are made of a text by a method found by its name.
 */
public final class PropertiesRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		List.of(StatusRange.class, MediaType.class)
			.forEach((type) -> hints.reflection()
				.registerType(type, (hint) -> hint.withMethod("valueOf", TypeReference.listOf(String.class),
						ExecutableMode.INVOKE)));
	}

}
