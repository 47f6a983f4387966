package io.idempotency.forms;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import io.idempotency.web.ProtectedMethods;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;
import org.springframework.web.servlet.support.RequestDataValueProcessor;

/**
 * Adds the hidden input to each form whose method is protected, beside those that another
 * processor adds.
 */
final class IdempotencyRequestDataValueProcessor implements RequestDataValueProcessor {

	private static final String PROTECTED = IdempotencyRequestDataValueProcessor.class.getName();

	private final IdempotencyForm form;

	private final ProtectedMethods methods;

	private final @Nullable RequestDataValueProcessor other;

	/**
	 * Creates a processor.
	 * @param other the application's own processor, such as Spring Security's, if any
	 */
	IdempotencyRequestDataValueProcessor(IdempotencyForm form, ProtectedMethods methods,
			@Nullable RequestDataValueProcessor other) {
		this.form = form;
		this.methods = methods;
		this.other = other;
	}

	/**
	 * Comes before the form's hidden fields, and alone knows its method, which is GET
	 * where the form names none.
	 */
	@Override
	public String processAction(HttpServletRequest request, String action, String httpMethod) {
		String method = StringUtils.hasText(httpMethod) ? httpMethod.toUpperCase(Locale.ROOT) : "GET";
		request.setAttribute(PROTECTED, this.methods.mayProtect(method));
		return (this.other != null) ? this.other.processAction(request, action, httpMethod) : action;
	}

	@Override
	public String processFormFieldValue(HttpServletRequest request, @Nullable String name, String value, String type) {
		return (this.other != null) ? this.other.processFormFieldValue(request, name, value, type) : value;
	}

	@Override
	public @Nullable Map<String, String> getExtraHiddenFields(HttpServletRequest request) {
		Map<String, String> others = (this.other != null) ? this.other.getExtraHiddenFields(request) : null;
		boolean isProtected = Boolean.TRUE.equals(request.getAttribute(PROTECTED));
		request.removeAttribute(PROTECTED);
		if (!isProtected) {
			return others;
		}
		Map<String, String> fields = new LinkedHashMap<>((others != null) ? others : Map.of());
		fields.put(this.form.getParameterName(), this.form.getKey());
		return fields;
	}

	@Override
	public String processUrl(HttpServletRequest request, String url) {
		return (this.other != null) ? this.other.processUrl(request, url) : url;
	}

}
