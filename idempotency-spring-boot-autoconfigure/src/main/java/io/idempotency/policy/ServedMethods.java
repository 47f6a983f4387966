package io.idempotency.policy;

import java.lang.reflect.Method;

/**
 * Implemented by front ends to report which annotated methods they protect.
 * <p>
 * Public for the front ends of this library; not intended for applications.
 */
@FunctionalInterface
public interface ServedMethods {

	/**
	 * Returns whether this front end applies the annotations of a method.
	 * @param type the class of the bean
	 * @param method the method
	 * @return whether this front end protects it
	 * @throws InvalidIdempotencyConfigurationException if the annotations have a mistake
	 */
	boolean serves(Class<?> type, Method method);

}
