package io.idempotency.openapi;

import java.util.List;
import java.util.Map;

import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.IdempotencyProperties.KeySyntax;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Describes the header with the key as a parameter of an operation. If the handler
 * already declares this parameter, its own description is kept.
 */
final class KeyHeader {

	private static final int UUID_LENGTH = 36;

	private final IdempotencyProperties properties;

	private final int maxKeyLength;

	private final Components components;

	KeyHeader(IdempotencyProperties properties, int maxKeyLength, Components components) {
		this.properties = properties;
		this.maxKeyLength = maxKeyLength;
		this.components = components;
	}

	void describe(Operation operation, OperationProtection protection) {
		boolean required = protection.keyRequired() && this.properties.keyParameter() == null;
		Parameter parameter = find(operation.getParameters());
		if (parameter == null) {
			parameter = new HeaderParameter().name(this.properties.keyHeader()).required(required);
			operation.addParametersItem(parameter);
		}
		else if (parameter.get$ref() != null) {
			return;
		}
		if (required) {
			parameter.setRequired(true);
		}
		if (parameter.getDescription() == null) {
			parameter.setDescription(description(protection));
		}
		if (parameter.getContent() == null) {
			describeValue(parameter);
		}
	}

	private @Nullable Parameter find(@Nullable List<Parameter> parameters) {
		return (parameters != null)
				? parameters.stream().filter((parameter) -> isKey(resolve(parameter))).findFirst().orElse(null) : null;
	}

	private boolean isKey(@Nullable Parameter parameter) {
		return parameter != null && "header".equals(parameter.getIn())
				&& this.properties.keyHeader().equalsIgnoreCase(parameter.getName());
	}

	private @Nullable Parameter resolve(Parameter parameter) {
		String reference = parameter.get$ref();
		Map<String, Parameter> shared = this.components.getParameters();
		if (reference == null || shared == null) {
			return parameter;
		}
		return shared.get(reference.substring(reference.lastIndexOf('/') + 1));
	}

	private String description(OperationProtection protection) {
		StringBuilder text = new StringBuilder("A request that is repeated with the same key ");
		if (protection.policy().manual()) {
			text.append("is recognized as a retry. ");
		}
		else if (protection.isReplayed()) {
			text.append("gets the first response and is not processed again. ");
		}
		else {
			text.append("is refused and is not processed again. ");
		}
		text.append("Send a new key for each operation, and the same key with each retry of the operation");
		text.append(protection.keyRequired() ? "." : "; without a key, each request is processed.");
		text.append(" The key is ").append(form());
		text.append((this.properties.keySyntax() == KeySyntax.STRICT) ? ", in double quotes." : ".");
		if (this.properties.keyParameter() != null) {
			text.append(" The parameter `").append(this.properties.keyParameter()).append("` may carry it instead.");
		}
		return text.toString();
	}

	/**
	 * Describes the form of the key in words. An example would be filled in by Swagger
	 * UI, so that everybody who tries the operation would send the same key.
	 */
	private String form() {
		int maxLength = this.maxKeyLength;
		if (this.properties.enforceUuid()) {
			return "a UUID of version 4";
		}
		String text = "text of at most " + maxLength + " characters";
		return (maxLength < UUID_LENGTH) ? text : "a random UUID, or other " + text;
	}

	private void describeValue(Parameter parameter) {
		if (parameter.getSchema() == null) {
			parameter.setSchema(new StringSchema());
		}
		Schema<?> schema = parameter.getSchema();
		if (schema.get$ref() == null) {
			describe(schema);
		}
	}

	/**
	 * Describes the header value. In double quotes, a key is two characters longer and is
	 * not a UUID.
	 */
	private void describe(Schema<?> schema) {
		boolean quoted = this.properties.keySyntax() == KeySyntax.STRICT;
		if (schema.getMaxLength() == null) {
			schema.setMaxLength(this.maxKeyLength + (quoted ? 2 : 0));
		}
		if (schema.getFormat() == null && this.properties.enforceUuid() && !quoted) {
			schema.setFormat("uuid");
		}
	}

}
