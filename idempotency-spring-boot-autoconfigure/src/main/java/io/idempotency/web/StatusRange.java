package io.idempotency.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of HTTP statuses, written as {@code 2xx}, {@code 201} or {@code 400-499}.
 *
 * @param first the lowest status of the range
 * @param last the highest status of the range
 */
public record StatusRange(int first, int last) {

	private static final Pattern SYNTAX = Pattern.compile("([1-5])[xX]{2}|([1-5]\\d{2})(?:-([1-5]\\d{2}))?");

	public StatusRange {
		if (first < 100 || last > 599 || first > last) {
			throw new IllegalArgumentException("Not a range of HTTP statuses: " + first + "-" + last);
		}
	}

	/**
	 * Parses a range.
	 * @param text {@code 2xx}, {@code 201} or {@code 400-499}
	 * @return the range
	 * @throws IllegalArgumentException if the text is not such a range
	 */
	public static StatusRange valueOf(String text) {
		Matcher matcher = SYNTAX.matcher(text.trim());
		if (!matcher.matches()) {
			throw new IllegalArgumentException(
					"'" + text + "' is not a status or a range of statuses such as 2xx, 201 or 400-499");
		}
		if (matcher.group(1) != null) {
			int hundred = Integer.parseInt(matcher.group(1)) * 100;
			return new StatusRange(hundred, hundred + 99);
		}
		int first = Integer.parseInt(matcher.group(2));
		return new StatusRange(first, (matcher.group(3) != null) ? Integer.parseInt(matcher.group(3)) : first);
	}

	/**
	 * Returns whether a status is in the range.
	 * @param status an HTTP status
	 * @return whether it is
	 */
	public boolean contains(int status) {
		return status >= this.first && status <= this.last;
	}

	@Override
	public String toString() {
		return (this.first != this.last) ? this.first + "-" + this.last : Integer.toString(this.first);
	}

}
