package io.idempotency.web.operation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Normalizes paths, so that equivalent spellings of a path are equal (RFC 3986, section
 * 6.2.2).
 */
public final class RequestPath {

	private static final String SESSION_ID = "jsessionid=";

	private static final HexFormat HEX = HexFormat.of().withUpperCase();

	private RequestPath() {
	}

	/**
	 * Returns the normal form of a path.
	 * @param path the path of a URI as a client sent it
	 * @param matrixVariables whether to keep matrix variables, because the handler has a
	 * parameter for them
	 * @return the path, in which all characters other than letters, digits, {@code -._~}
	 * and the slashes between segments are percent-encoded
	 */
	public static String normalize(String path, boolean matrixVariables) {
		if (isNormal(path)) {
			return path;
		}
		StringBuilder normal = new StringBuilder(path.length() + 16);
		for (int start = 0; start <= path.length();) {
			int slash = path.indexOf('/', start);
			int end = (slash >= 0) ? slash : path.length();
			appendSegment(path.substring(start, end), matrixVariables, normal);
			if (slash >= 0) {
				normal.append('/');
			}
			start = end + 1;
		}
		return normal.toString();
	}

	private static boolean isNormal(String path) {
		for (int i = 0; i < path.length(); i++) {
			if (path.charAt(i) != '/' && !isUnreserved(path.charAt(i))) {
				return false;
			}
		}
		return true;
	}

	private static void appendSegment(String segment, boolean matrixVariables, StringBuilder normal) {
		String[] pieces = segment.split(";");
		for (int i = 0; i < pieces.length; i++) {
			boolean name = i == 0;
			if (name || (matrixVariables && !pieces[i].toLowerCase(Locale.ROOT).startsWith(SESSION_ID))) {
				normal.append(name ? "" : ";");
				appendEncoded(decode(pieces[i]), normal);
			}
		}
	}

	/**
	 * Decodes percent-encoded bytes. A percent sign that does not begin a valid escape
	 * stays as it is. Servlet containers refuse such a path, but it may come from another
	 * source.
	 */
	private static byte[] decode(String text) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character == '%' && i + 2 < text.length() && HexFormat.isHexDigit(text.charAt(i + 1))
					&& HexFormat.isHexDigit(text.charAt(i + 2))) {
				bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
				i += 2;
			}
			else if (Character.isHighSurrogate(character) && i + 1 < text.length()) {
				bytes.writeBytes(text.substring(i, i + 2).getBytes(StandardCharsets.UTF_8));
				i++;
			}
			else {
				bytes.writeBytes(String.valueOf(character).getBytes(StandardCharsets.UTF_8));
			}
		}
		return bytes.toByteArray();
	}

	private static void appendEncoded(byte[] bytes, StringBuilder normal) {
		for (byte value : bytes) {
			if (isUnreserved(value)) {
				normal.append((char) value);
			}
			else {
				normal.append('%').append(HEX.toHexDigits(value));
			}
		}
	}

	private static boolean isUnreserved(int character) {
		return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
				|| (character >= '0' && character <= '9') || character == '-' || character == '.' || character == '_'
				|| character == '~';
	}

}
