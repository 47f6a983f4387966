package io.idempotency.jdbc;

/**
 * Thrown at start if the table with the records is missing or does not have the columns
 * that this version needs.
 */
final class RecordTableException extends RuntimeException {

	private final String script;

	/**
	 * Creates the exception.
	 * @param script the location of the script that creates the table
	 */
	RecordTableException(String message, String script, Throwable cause) {
		super(message, cause);
		this.script = script;
	}

	String getScript() {
		return this.script;
	}

}
