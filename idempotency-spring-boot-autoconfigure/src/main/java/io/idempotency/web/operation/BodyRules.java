package io.idempotency.web.operation;

import java.util.List;

import io.idempotency.web.IdempotencyProperties;

/**
 * How request bodies are compared.
 *
 * @param json whether JSON is compared by content
 * @param ignored JSON Pointers to values that are ignored in JSON
 * @param keyParameter the parameter that is ignored in forms
 */
record BodyRules(boolean json, List<String> ignored, KeyParameter keyParameter) {

	static BodyRules of(IdempotencyProperties properties) {
		return new BodyRules(properties.fingerprintJson(), properties.fingerprintIgnore(),
				new KeyParameter(properties.keyParameter()));
	}

}
