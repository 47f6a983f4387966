package io.idempotency.policy;

import java.lang.reflect.Method;
import java.util.Arrays;

import org.springframework.util.ClassUtils;

/**
 * A method that may be protected.
 *
 * @param beanType the class of the bean that has the method
 * @param method the method
 * @param resultKind how the method returns its result
 */
public record MethodDescription(Class<?> beanType, Method method, ResultKind resultKind) {

	/**
	 * Creates the description of a method that returns its result synchronously.
	 * @param beanType the class of the bean that has the method
	 * @param method the method
	 */
	public MethodDescription(Class<?> beanType, Method method) {
		this(beanType, method, ResultKind.SYNCHRONOUS);
	}

	Class<?> userClass() {
		return ClassUtils.getUserClass(this.beanType);
	}

	boolean takes(Class<?> parameterType) {
		return Arrays.asList(this.method.getParameterTypes()).contains(parameterType);
	}

	/**
	 * Returns the class and the name of the method, for messages.
	 */
	@Override
	public String toString() {
		return userClass().getName() + "#" + this.method.getName();
	}

}
