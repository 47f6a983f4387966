package io.idempotency.forms;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Registers reflection for a native image, because templates call the helper by
 * reflection.
 */
final class FormsRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.reflection().registerType(IdempotencyForm.class, MemberCategory.INVOKE_PUBLIC_METHODS);
	}

}
