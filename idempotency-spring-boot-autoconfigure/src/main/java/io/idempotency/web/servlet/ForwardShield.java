package io.idempotency.web.servlet;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

import jakarta.servlet.http.HttpServletResponse;

/**
 * Hides the container's response from the container, which would close it after a forward
 * (Servlet 6.1, section 9.4) while its body is still held. Tomcat finds its response
 * behind all wrappers, but not behind a proxy.
 */
final class ForwardShield {

	private ForwardShield() {
	}

	static HttpServletResponse around(HttpServletResponse response) {
		return (HttpServletResponse) Proxy.newProxyInstance(ForwardShield.class.getClassLoader(),
				new Class<?>[] { HttpServletResponse.class }, (proxy, method, arguments) -> {
					try {
						return method.invoke(response, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

}
