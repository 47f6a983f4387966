package io.idempotency.policy;

import java.lang.reflect.Method;
import java.util.Arrays;

import org.springframework.util.ClassUtils;

/**
 * A method that may be protected.
 *
 * @param beanType the class of the bean that has the method
 * @param method the method
 * @param resultKind how it hands its result over
 */
public record MethodDescription(Class<?> beanType, Method method, ResultKind resultKind) {

	/**
	 * Creates the description of a method that returns its result.
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
	 * Names the method in a message.
	 */
	@Override
	public String toString() {
		return userClass().getName() + "#" + this.method.getName();
	}

}
