package io.idempotency.jdbc;

/**
 * Thrown at start when the table with the records is missing, or not what this version
 * needs.
 */
final class RecordTableException extends RuntimeException {

	private final String script;

	/**
	 * Creates the exception.
	 * @param script names the script that creates the table
	 */
	RecordTableException(String message, String script, Throwable cause) {
		super(message, cause);
		this.script = script;
	}

	String getScript() {
		return this.script;
	}

}
