package io.idempotency.web.servlet;

import java.util.Set;

import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.IdempotencyProperties.Mode;

import org.springframework.http.HttpMethod;

/**
 * Settings that decide which handlers are protected.
 *
 * @param mode which handlers are protected without an annotation
 * @param methods the HTTP methods for which they are protected
 * @param errorPath the path of the error page, whose handler is never protected
 */
record CatalogRules(Mode mode, Set<HttpMethod> methods, String errorPath) {

	static CatalogRules of(IdempotencyProperties properties, String errorPath) {
		return new CatalogRules(properties.mode(), properties.methods(), errorPath);
	}

}
