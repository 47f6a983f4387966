package io.idempotency.web.servlet;

import java.util.Set;
import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RequestPredicates;

/**
 * Collects the conditions of a route other than its path and method. They may distinguish
 * it from another route of the same path and method. The {@code Accept} header is left
 * out, because it concerns only the response.
 */
final class PredicateVariant implements RequestPredicates.Visitor {

	private final StringJoiner conditions = new StringJoiner(" ");

	private PredicateVariant() {
	}

	/**
	 * Returns the conditions of a route.
	 * @param predicate the predicate of the route
	 * @param outer the conditions of the enclosing routers
	 * @return the conditions, or {@code null} if there are none
	 */
	static @Nullable String of(RequestPredicate predicate, @Nullable String outer) {
		PredicateVariant visitor = new PredicateVariant();
		if (outer != null) {
			visitor.conditions.add(outer);
		}
		predicate.accept(visitor);
		return (visitor.conditions.length() > 0) ? visitor.conditions.toString() : null;
	}

	@Override
	public void header(String name, String value) {
		if (!name.equalsIgnoreCase(HttpHeaders.ACCEPT)) {
			this.conditions.add(name + ": " + value);
		}
	}

	@Override
	public void param(String name, String value) {
		this.conditions.add(name + "=" + value);
	}

	@Override
	public void version(String version) {
		this.conditions.add("version " + version);
	}

	@Override
	public void method(Set<HttpMethod> methods) {
	}

	@Override
	public void path(String pattern) {
	}

	@Override
	@SuppressWarnings("removal")
	public void pathExtension(String extension) {
	}

	@Override
	public void startAnd() {
	}

	@Override
	public void and() {
	}

	@Override
	public void endAnd() {
	}

	@Override
	public void startOr() {
	}

	@Override
	public void or() {
	}

	@Override
	public void endOr() {
	}

	@Override
	public void startNegate() {
		this.conditions.add("not");
	}

	@Override
	public void endNegate() {
	}

	@Override
	public void unknown(RequestPredicate predicate) {
	}

}
