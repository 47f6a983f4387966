package io.idempotency.result;

import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * What an operation ends with: a result of one type, or one of the exceptions that are
 * answers.
 *
 * @param type the type of the result
 * @param exceptions the types of the exceptions
 */
public record ResultType(JavaType type, List<JavaType> exceptions) {

	/**
	 * Returns whether there is no result.
	 * @return whether the type is {@code void}
	 */
	public boolean isVoid() {
		return this.type.hasRawClass(void.class) || this.type.hasRawClass(Void.class);
	}

	/**
	 * Returns the type that an exception is stored as: the nearest of those that it is an
	 * instance of.
	 * @param thrown the exception
	 * @return {@code null} if the exception is no answer
	 */
	public @Nullable JavaType storedAs(Throwable thrown) {
		JavaType nearest = null;
		for (JavaType exception : this.exceptions) {
			if (exception.getRawClass().isInstance(thrown)
					&& (nearest == null || exception.isTypeOrSubTypeOf(nearest.getRawClass()))) {
				nearest = exception;
			}
		}
		return nearest;
	}

	/**
	 * Returns the exception type of a name, so that only types that the application has
	 * declared are ever created.
	 * @param name the name of its class
	 * @return {@code null} if it is none of them
	 */
	public @Nullable JavaType exceptionNamed(String name) {
		return this.exceptions.stream()
			.filter((exception) -> exception.getRawClass().getName().equals(name))
			.findFirst()
			.orElse(null);
	}

}
