package io.idempotency.actuate;

import io.idempotency.policy.EngineProperties;
import io.idempotency.web.IdempotencyProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Registers the reflection that the endpoint needs in a native image: for the settings,
 * which are read by reflection, and for the response types that the signatures of the
 * operations do not name.
 */
final class EndpointRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.reflection().registerType(EngineProperties.class, MemberCategory.INVOKE_PUBLIC_METHODS);
		hints.reflection().registerType(IdempotencyProperties.class, MemberCategory.INVOKE_PUBLIC_METHODS);
		new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(), RecordDescriptor.class,
				IdempotencyEndpoint.Message.class);
	}

}
