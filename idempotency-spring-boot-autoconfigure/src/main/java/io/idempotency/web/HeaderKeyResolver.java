package io.idempotency.web;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.idempotency.web.IdempotencyProperties.KeySyntax;
import org.jspecify.annotations.Nullable;

/**
 * Reads the idempotency key from a request header. The value is a structured-field String
 * (RFC 9651, section 3.3.3) or, if the syntax is lenient, a bare key. Parameters after
 * the String are ignored. If the syntax is lenient, equal header lines that a proxy has
 * joined with commas (RFC 9110, section 5.3) count as one key.
 */
final class HeaderKeyResolver implements IdempotencyKeyResolver {

	/**
	 * Matches a structured-field String with its parameters. The quantifiers are
	 * possessive, because otherwise the matcher recurses for each repetition, and a long
	 * header overflows the stack.
	 */
	private static final Pattern STRING = Pattern.compile("\"((?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*+)\""
			+ "(?:; *+[a-z*][a-z0-9_.*-]*+(?:=(?:\"(?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*+\"|[^\\s;,\"]++))?+)*+ *+");

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
		if (!mayHaveKey(request)) {
			return null;
		}
		String key = null;
		for (String line : request.headers(this.header)) {
			String value = strip(line);
			String next = value.isEmpty() ? null : parse(value);
			if (key != null && next != null && !next.equals(key)) {
				throw differentValues();
			}
			key = (next != null) ? next : key;
		}
		return key;
	}

	private String parse(String value) {
		boolean quoted = value.startsWith("\"");
		if ((quoted || this.syntax == KeySyntax.STRICT) && !PRINTABLE_ASCII.matcher(value).matches()) {
			throw new IllegalArgumentException(
					"The header " + this.header + " must have printable ASCII characters only.");
		}
		if (quoted) {
			return parseString(value);
		}
		if (this.syntax == KeySyntax.STRICT) {
			throw new IllegalArgumentException("The value of the header " + this.header + " must be in double quotes.");
		}
		String key = takeOnce(value);
		if (hasControl(key)) {
			throw new IllegalArgumentException("The header " + this.header + " must not have control characters.");
		}
		return key;
	}

	private String parseString(String value) {
		Matcher matcher = STRING.matcher(value);
		String key = parseString(matcher);
		while (matcher.end() < value.length()) {
			int comma = matcher.end();
			if (this.syntax == KeySyntax.STRICT || value.charAt(comma) != ',') {
				throw malformedString();
			}
			int next = comma + 1;
			while (next < value.length() && value.charAt(next) == ' ') {
				next++;
			}
			matcher.region(next, value.length());
			if (!parseString(matcher).equals(key)) {
				throw differentValues();
			}
		}
		return key;
	}

	private String parseString(Matcher matcher) {
		if (!matcher.lookingAt()) {
			throw malformedString();
		}
		return matcher.group(1).replaceAll("\\\\(.)", "$1");
	}

	private IllegalArgumentException malformedString() {
		return new IllegalArgumentException("The header " + this.header
				+ " must be one String in double quotes, in which only \\\" and \\\\ are escapes.");
	}

	private IllegalArgumentException differentValues() {
		return new IllegalArgumentException("The header " + this.header + " has different values; send only one.");
	}

	/**
	 * Returns whether a bare key contains an ASCII control character (RFC 9110, section
	 * 5.5). All other characters are allowed, including non-ASCII ones.
	 */
	private static boolean hasControl(String value) {
		for (int i = 0; i < value.length(); i++) {
			if (value.charAt(i) < ' ' || value.charAt(i) == 0x7f) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns the key if the value repeats one key, separated by commas; otherwise
	 * returns the value unchanged. The key itself may contain commas.
	 */
	private static String takeOnce(String value) {
		List<Integer> commas = new ArrayList<>();
		for (int comma = value.indexOf(','); comma >= 0; comma = value.indexOf(',', comma + 1)) {
			commas.add(comma);
		}
		int parts = commas.size() + 1;
		for (int size = 1; size <= parts / 2; size++) {
			if (parts % size == 0) {
				String key = strip(value.substring(0, commas.get(size - 1)));
				if (!key.isEmpty() && isRepeated(key, value, commas, size)) {
					return key;
				}
			}
		}
		return value;
	}

	private static boolean isRepeated(String key, String value, List<Integer> commas, int size) {
		for (int comma = size - 1; comma < commas.size(); comma += size) {
			int end = (comma + size < commas.size()) ? commas.get(comma + size) : value.length();
			if (!strip(value.substring(commas.get(comma) + 1, end)).equals(key)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Removes optional white space around a value (RFC 9110, section 5.6.3).
	 */
	private static String strip(String value) {
		int start = 0;
		int end = value.length();
		while (start < end && isWhiteSpace(value.charAt(start))) {
			start++;
		}
		while (start < end && isWhiteSpace(value.charAt(end - 1))) {
			end--;
		}
		return value.substring(start, end);
	}

	private static boolean isWhiteSpace(char character) {
		return character == ' ' || character == '\t';
	}

}
