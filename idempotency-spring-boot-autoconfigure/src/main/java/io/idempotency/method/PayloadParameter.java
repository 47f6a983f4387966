package io.idempotency.method;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The parameter of a listener that receives the payload. It is the one with
 * {@code @Payload}, or else the first that has no annotation for headers and whose type
 * does not belong to the broker's client. If there is none, the payload is used as the
 * client provides it.
 *
 * @param index the index of the parameter, or -1 if there is none
 */
record PayloadParameter(int index) {

	private static final Set<String> OF_CLIENTS = Set.of("org.springframework.messaging.", "org.springframework.kafka.",
			"org.springframework.amqp.", "org.springframework.jms.", "org.apache.kafka.", "com.rabbitmq.",
			"jakarta.jms.", "io.idempotency.");

	static PayloadParameter of(Method method) {
		Parameter[] parameters = method.getParameters();
		int first = -1;
		for (int i = 0; i < parameters.length; i++) {
			if (isAnnotated(parameters[i], "Payload")) {
				return new PayloadParameter(i);
			}
			boolean plain = parameters[i].getAnnotations().length == 0 || !isAnnotated(parameters[i], "Header");
			if (first < 0 && plain && !isAnnotated(parameters[i], "Headers") && !isOfClient(parameters[i])) {
				first = i;
			}
		}
		return new PayloadParameter(first);
	}

	private static boolean isAnnotated(Parameter parameter, String simpleName) {
		for (Annotation annotation : parameter.getAnnotations()) {
			if (annotation.annotationType()
				.getName()
				.equals("org.springframework.messaging.handler.annotation." + simpleName)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isOfClient(Parameter parameter) {
		return OF_CLIENTS.stream().anyMatch(parameter.getType().getName()::startsWith);
	}

	/**
	 * Returns the payload of a message. For a message of a batch there are no arguments.
	 */
	@Nullable Object payload(@Nullable Object[] arguments, IncomingMessage message) {
		return (this.index >= 0 && this.index < arguments.length) ? arguments[this.index] : message.payload();
	}

}
