package io.idempotency.web.operation;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.web.IdempotencyKeyResolver;
import io.idempotency.web.ProtectedRequest;
import org.jspecify.annotations.Nullable;

/**
 * Reads the key from a query or form parameter, and delegates to another resolver if a
 * request does not have the parameter.
 */
public final class ParameterKeyResolver implements IdempotencyKeyResolver {

	/**
	 * Replaces bytes that are not a valid character in a decoded value.
	 */
	private static final char UNDECODABLE = '\ufffd';

	private final KeyParameter parameter;

	private final IdempotencyKeyResolver otherwise;

	/**
	 * Creates a resolver.
	 * @param parameter the parameter's name
	 * @param otherwise resolves the key of a request without the parameter
	 */
	public ParameterKeyResolver(String parameter, IdempotencyKeyResolver otherwise) {
		this.parameter = new KeyParameter(parameter);
		this.otherwise = otherwise;
	}

	@Override
	public boolean mayHaveKey(ProtectedRequest request) {
		return this.otherwise.mayHaveKey(request) || this.parameter.isIn(request.query())
				|| ContentTypes.isForm(request) || ContentTypes.isMultipart(request);
	}

	@Override
	public @Nullable String resolveKey(ProtectedRequest request) throws IOException {
		List<String> inForm = request.form().getOrDefault(this.parameter.name(), List.of());
		List<String> keys = Stream.concat(valuesInQuery(request).stream(), inForm.stream())
			.filter((value) -> !value.isBlank())
			.distinct()
			.toList();
		if (keys.stream().anyMatch((key) -> key.indexOf(UNDECODABLE) >= 0)) {
			throw new IllegalArgumentException("The parameter " + this.parameter.name() + " has a malformed escape.");
		}
		if (keys.size() > 1) {
			throw new IllegalArgumentException(
					"The parameter " + this.parameter.name() + " has different values; send only one.");
		}
		return keys.isEmpty() ? this.otherwise.resolveKey(request) : keys.get(0);
	}

	private List<String> valuesInQuery(ProtectedRequest request) {
		try {
			return this.parameter.valuesIn(request.query());
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"The parameter " + this.parameter.name() + " has a malformed escape in the query.", ex);
		}
	}

}
