package io.idempotency.web.servlet;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.InstantiationAwareBeanPostProcessor;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.HandlerMethodArgumentResolverComposite;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.springframework.web.servlet.handler.AbstractHandlerMapping;
import org.springframework.web.servlet.handler.HandlerExceptionResolverComposite;
import org.springframework.web.servlet.mvc.method.annotation.ExceptionHandlerExceptionResolver;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/**
 * Adds the parts of this library to Spring MVC, regardless of how the application
 * configures it. A {@code WebMvcConfigurer} is not enough, because
 * {@code WebMvcConfigurationSupport} and custom handler mappings do not call it.
 */
final class SpringMvcSetup implements InstantiationAwareBeanPostProcessor {

	private final ObjectProvider<IdempotencyInterceptor> interceptor;

	private final ObjectProvider<IdempotencyExceptionResolver> exceptionResolver;

	private final ObjectProvider<ProtectedRouterFunctions> routerFunctions;

	SpringMvcSetup(ObjectProvider<IdempotencyInterceptor> interceptor,
			ObjectProvider<IdempotencyExceptionResolver> exceptionResolver,
			ObjectProvider<ProtectedRouterFunctions> routerFunctions) {
		this.interceptor = interceptor;
		this.exceptionResolver = exceptionResolver;
		this.routerFunctions = routerFunctions;
	}

	/**
	 * Adds the interceptor after those of the application, which may refuse a request.
	 */
	@Override
	public boolean postProcessAfterInstantiation(Object bean, String beanName) {
		if (bean instanceof AbstractHandlerMapping mapping) {
			mapping.setInterceptors(this.interceptor.getObject());
		}
		return true;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof RequestMappingHandlerAdapter adapter) {
			setUp(adapter);
		}
		else if (bean instanceof HandlerExceptionResolverComposite composite) {
			setUp(composite);
		}
		else if (bean instanceof RouterFunctionMapping mapping && mapping.getRouterFunction() != null) {
			mapping.setRouterFunction(this.routerFunctions.getObject().protect(mapping.getRouterFunction()));
		}
		else if (bean instanceof HandlerMapping mapping && !(bean instanceof AbstractHandlerMapping)) {
			return intercepted(mapping);
		}
		return bean;
	}

	private static void setUp(RequestMappingHandlerAdapter adapter) {
		adapter.setArgumentResolvers(withContext(adapter.getArgumentResolvers()));
		ReturnObserver.addTo(adapter);
	}

	/**
	 * Adds the exception resolver after the application's {@code @ExceptionHandler}
	 * methods.
	 */
	private void setUp(HandlerExceptionResolverComposite composite) {
		List<HandlerExceptionResolver> resolvers = new ArrayList<>(composite.getExceptionResolvers());
		int behind = 0;
		for (int i = 0; i < resolvers.size(); i++) {
			if (resolvers.get(i) instanceof ExceptionHandlerExceptionResolver annotated) {
				HandlerMethodArgumentResolverComposite arguments = annotated.getArgumentResolvers();
				annotated.setArgumentResolvers(withContext((arguments != null) ? arguments.getResolvers() : null));
				behind = i + 1;
			}
		}
		resolvers.add(behind, this.exceptionResolver.getObject());
		composite.setExceptionResolvers(resolvers);
	}

	private static List<HandlerMethodArgumentResolver> withContext(
			@Nullable List<HandlerMethodArgumentResolver> resolvers) {
		List<HandlerMethodArgumentResolver> all = new ArrayList<>();
		all.add(new IdempotencyContextArgumentResolver());
		if (resolvers != null) {
			all.addAll(resolvers);
		}
		return all;
	}

	/**
	 * Adds the interceptor to the chains of a mapping that cannot be given interceptors.
	 */
	private Object intercepted(HandlerMapping mapping) {
		ProxyFactory proxy = new ProxyFactory(mapping);
		proxy.setProxyTargetClass(!Modifier.isFinal(mapping.getClass().getModifiers()));
		proxy.addAdvice((MethodInterceptor) (invocation) -> {
			Object result = invocation.proceed();
			if (result instanceof HandlerExecutionChain chain
					&& !chain.getInterceptorList().contains(this.interceptor.getObject())) {
				chain.addInterceptor(this.interceptor.getObject());
			}
			return result;
		});
		return proxy.getProxy(mapping.getClass().getClassLoader());
	}

}
