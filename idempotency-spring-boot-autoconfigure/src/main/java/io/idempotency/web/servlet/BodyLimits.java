package io.idempotency.web.servlet;

/**
 * How much of a request body is held in memory.
 *
 * @param compared the maximum number of bytes that are compared
 * @param form the longest form that is read as parameters, in bytes
 * @param names the maximum number of names of parameters in a form
 */
record BodyLimits(int compared, int form, int names) {

	int most() {
		return Math.max(this.compared, this.form);
	}

}
