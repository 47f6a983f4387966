package io.idempotency.web.operation;

import java.math.BigInteger;

/**
 * Converts JSON numbers to a canonical form in which numbers of the same value are equal.
 */
final class JsonNumber {

	private JsonNumber() {
	}

	/**
	 * Returns the canonical form of a number: an integer without leading and trailing
	 * zeros, and an exponent. The number is never expanded, so that a large exponent
	 * needs no memory.
	 * @param number a JSON number
	 * @return a JSON number with the same value
	 */
	static String canonical(String number) {
		boolean negative = number.startsWith("-");
		int exponentSign = Math.max(number.indexOf('e'), number.indexOf('E'));
		int mantissaEnd = (exponentSign >= 0) ? exponentSign : number.length();
		String mantissa = number.substring(negative ? 1 : 0, mantissaEnd);
		int point = mantissa.indexOf('.');
		int decimals = (point >= 0) ? mantissa.length() - point - 1 : 0;
		String digits = (point >= 0) ? mantissa.substring(0, point) + mantissa.substring(point + 1) : mantissa;
		int start = 0;
		int end = digits.length();
		while (start < end && digits.charAt(start) == '0') {
			start++;
		}
		if (start == end) {
			return "0";
		}
		while (digits.charAt(end - 1) == '0') {
			end--;
		}
		BigInteger exponent = (exponentSign >= 0) ? new BigInteger(number.substring(exponentSign + 1))
				: BigInteger.ZERO;
		exponent = exponent.add(BigInteger.valueOf(digits.length() - end - decimals));
		return (negative ? "-" : "") + digits.substring(start, end) + ((exponent.signum() != 0) ? "e" + exponent : "");
	}

}
