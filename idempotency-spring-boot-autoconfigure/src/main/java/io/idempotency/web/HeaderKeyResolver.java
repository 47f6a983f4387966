package io.idempotency.web;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.idempotency.web.IdempotencyProperties.KeySyntax;
import org.jspecify.annotations.Nullable;

/**
 * Reads the key from a header, as a structured-field String (RFC 9651, section 3.3.3) or,
 * where the syntax is lenient, as it is. Parameters behind the String are ignored.
 */
final class HeaderKeyResolver implements IdempotencyKeyResolver {

	/**
	 * Repeats a group possessively, as the other pattern does: otherwise the matcher
	 * recurses for each repetition, and a long header overflows the stack.
	 */
	private static final Pattern QUOTED = Pattern.compile("\"((?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*+)\"(.*)");

	private static final Pattern PARAMETERS = Pattern
		.compile("(?:; *[a-z*][a-z0-9_.*-]*(?:=(?:\"(?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*+\"|[^\\s;,\"]+))?)*+ *");

	private static final Pattern PRINTABLE_ASCII = Pattern.compile("[ -~]*");

	private final String header;

	private final KeySyntax syntax;

	HeaderKeyResolver(String header, KeySyntax syntax) {
		this.header = header;
		this.syntax = syntax;
	}

	@Override
	public boolean mayHaveKey(ProtectedRequest request) {
		return request.header(this.header) != null;
	}

	@Override
	public @Nullable String resolveKey(ProtectedRequest request) {
		List<String> keys = request.headers(this.header)
			.stream()
			.filter((value) -> !value.isBlank())
			.map((value) -> parse(value.trim()))
			.distinct()
			.toList();
		if (keys.size() > 1) {
			throw new IllegalArgumentException("The header " + this.header + " comes with different values; send one.");
		}
		return keys.isEmpty() ? null : keys.get(0);
	}

	private String parse(String value) {
		if (!PRINTABLE_ASCII.matcher(value).matches()) {
			throw new IllegalArgumentException(
					"The header " + this.header + " must have printable ASCII characters only.");
		}
		if (value.startsWith("\"")) {
			return unquote(value);
		}
		if (this.syntax == KeySyntax.STRICT) {
			throw new IllegalArgumentException("The value of the header " + this.header + " must be in double quotes.");
		}
		return value;
	}

	private String unquote(String value) {
		Matcher matcher = QUOTED.matcher(value);
		if (!matcher.matches() || !PARAMETERS.matcher(matcher.group(2)).matches()) {
			throw new IllegalArgumentException("The header " + this.header
					+ " must be one String in double quotes, in which only \\\" and \\\\ are escapes.");
		}
		return matcher.group(1).replaceAll("\\\\(.)", "$1");
	}

}
