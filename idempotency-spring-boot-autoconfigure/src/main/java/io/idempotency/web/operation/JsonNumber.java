package io.idempotency.web.operation;

import java.math.BigInteger;

/**
 * Writes each number of JSON in one form, which all numbers of the same value share.
 */
final class JsonNumber {

	private JsonNumber() {
	}

	/**
	 * Returns the form that stands for a number: its digits without zeros at either end,
	 * as an integer, and its exponent. The number is never written out, whatever its
	 * exponent.
	 * @param number a number as JSON has it
	 * @return a number of JSON with the same value
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
