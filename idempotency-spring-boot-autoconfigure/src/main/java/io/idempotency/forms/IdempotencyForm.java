package io.idempotency.forms;

import java.util.UUID;

import org.springframework.web.util.HtmlUtils;

/**
 * Creates the hidden input of a form, for template engines that do not add it
 * automatically. It is available as a bean if {@code idempotency.key-parameter} is set.
 */
public final class IdempotencyForm {

	private final String parameter;

	/**
	 * Creates a helper.
	 * @param parameter the name of the hidden input, {@code idempotency.key-parameter}
	 */
	public IdempotencyForm(String parameter) {
		this.parameter = parameter;
	}

	/**
	 * Returns the name of the hidden input.
	 * @return the parameter's name
	 */
	public String getParameterName() {
		return this.parameter;
	}

	/**
	 * Returns a new key on each call.
	 * @return a UUID of version 4
	 */
	public String getKey() {
		return UUID.randomUUID().toString();
	}

	/**
	 * Returns the hidden input with a new key, as HTML that must not be escaped again.
	 * @return an {@code input} element
	 */
	public String getHiddenInput() {
		return "<input type=\"hidden\" name=\"" + HtmlUtils.htmlEscape(this.parameter) + "\" value=\"" + getKey()
				+ "\"/>";
	}

}
