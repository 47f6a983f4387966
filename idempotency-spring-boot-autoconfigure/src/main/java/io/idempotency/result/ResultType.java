package io.idempotency.result;

import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * The types of an operation's outcome: a result, or one of the exceptions that are stored
 * like results.
 *
 * @param type the type of the result
 * @param exceptions the types of the stored exceptions
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
	 * Returns the type that an exception is stored as. This is the most specific of the
	 * declared types that it is an instance of.
	 * @param thrown the exception
	 * @return {@code null} if the exception is not stored
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
	 * Returns the exception type with a name. Only declared types are found, so that no
	 * other type is ever created.
	 * @param name the name of its class
	 * @return {@code null} if no declared type has this name
	 */
	public @Nullable JavaType exceptionNamed(String name) {
		return this.exceptions.stream()
			.filter((exception) -> exception.getRawClass().getName().equals(name))
			.findFirst()
			.orElse(null);
	}

}
