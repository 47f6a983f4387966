package io.idempotency.policy;

import java.lang.reflect.Method;

/**
 * A front end's answer to which methods it protects where their annotations say so.
 * <p>
 * Public for the front ends of this library; applications have no use for it.
 */
@FunctionalInterface
public interface ServedMethods {

	/**
	 * Returns whether the annotations of a method have an effect.
	 * @param type the class of the bean
	 * @param method the method
	 * @return whether this front end protects it
	 * @throws InvalidIdempotencyConfigurationException if it would, but for a mistake
	 */
	boolean serves(Class<?> type, Method method);

}
