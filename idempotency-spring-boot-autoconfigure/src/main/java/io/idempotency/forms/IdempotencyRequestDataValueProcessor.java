package io.idempotency.forms;

import java.util.LinkedHashMap;
import java.util.Map;

import io.idempotency.web.ProtectedMethods;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.servlet.support.RequestDataValueProcessor;

/**
 * Adds the hidden input to each form that is sent by POST and whose method may be
 * protected. Inputs that another processor adds are kept.
 */
final class IdempotencyRequestDataValueProcessor implements RequestDataValueProcessor {

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

	@Override
	public String processAction(HttpServletRequest request, String action, String httpMethod) {
		RenderedForm.in(request).begin(action, httpMethod);
		return (this.other != null) ? this.other.processAction(request, action, httpMethod) : action;
	}

	@Override
	public String processFormFieldValue(HttpServletRequest request, @Nullable String name, String value, String type) {
		if ("hidden".equals(type)) {
			RenderedForm.in(request).addHiddenInput(name, value);
		}
		return (this.other != null) ? this.other.processFormFieldValue(request, name, value, type) : value;
	}

	@Override
	public @Nullable Map<String, String> getExtraHiddenFields(HttpServletRequest request) {
		Map<String, String> others = (this.other != null) ? this.other.getExtraHiddenFields(request) : null;
		String parameter = this.form.getParameterName();
		if (!RenderedForm.removeFrom(request).needsKey(this.methods, parameter)) {
			return others;
		}
		Map<String, String> fields = new LinkedHashMap<>((others != null) ? others : Map.of());
		fields.put(parameter, this.form.getKey());
		return fields;
	}

	@Override
	public String processUrl(HttpServletRequest request, String url) {
		return (this.other != null) ? this.other.processUrl(request, url) : url;
	}

}
