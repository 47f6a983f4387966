package io.idempotency.actuate;

import io.idempotency.policy.EngineProperties;
import io.idempotency.web.IdempotencyProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image needs besides the code: the settings that are listed by reflection,
 * and the answers that the operations' signatures do not name.
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
