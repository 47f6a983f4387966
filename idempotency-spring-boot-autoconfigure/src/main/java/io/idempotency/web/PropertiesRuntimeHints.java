package io.idempotency.web;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.http.MediaType;

/**
 * Registers the hints that a native image needs to bind the properties, in addition to
 * those of Spring Boot: the {@code valueOf} methods of types that are converted from
 * text.
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
