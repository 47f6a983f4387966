package io.idempotency.method;

import java.lang.reflect.Method;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.engine.Entry;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.result.ResultJson;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Protects the calls of annotated methods. Its advice runs inside the advice of method
 * security, retries and asynchronous calls, and outside the advice of transactions.
 */
final class IdempotentMethodAdvisor extends AbstractPointcutAdvisor {

	/**
	 * The advice of transactions has the lowest precedence, and that of method security a
	 * much higher one.
	 */
	static final int ORDER = Ordered.LOWEST_PRECEDENCE - 100;

	private final transient Pointcut pointcut = new AnnotatedMethods();

	private final transient Interceptor interceptor;

	/**
	 * Creates an advisor.
	 * @param calls obtained when the first protected method is called, because this
	 * advisor is created before all other beans
	 */
	IdempotentMethodAdvisor(Supplier<MethodCalls> calls) {
		this.interceptor = new Interceptor(SingletonSupplier.of(calls));
		setOrder(ORDER);
	}

	@Override
	public Pointcut getPointcut() {
		return this.pointcut;
	}

	@Override
	public Interceptor getAdvice() {
		return this.interceptor;
	}

	private static final class AnnotatedMethods extends StaticMethodMatcherPointcut {

		AnnotatedMethods() {
			setClassFilter((type) -> AnnotationUtils.isCandidateClass(type, Idempotent.class));
		}

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			if (!MethodCatalog.isAnnotated(method, targetClass)) {
				return false;
			}
			MethodCatalog.requireProxyable(targetClass);
			return true;
		}

	}

	private record Interceptor(SingletonSupplier<MethodCalls> calls) implements MethodInterceptor {

		@Override
		public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			return this.calls.obtain().invoke(invocation);
		}

	}

	/**
	 * Runs the calls of protected methods.
	 *
	 * @param catalog knows how methods are protected
	 * @param keys validates keys
	 * @param json writes fingerprints
	 * @param gate is notified of calls without a key
	 * @param runner runs calls with a key
	 */
	record MethodCalls(MethodCatalog catalog, CallKeys keys, ResultJson json, CallGate gate, CallRunner runner) {

		@Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			Object target = invocation.getThis();
			Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target)
					: invocation.getMethod().getDeclaringClass();
			ProtectedMethod method = this.catalog.find(invocation.getMethod(), targetClass);
			if (method == null || MessageClaims.isDelivering(method)) {
				return invocation.proceed();
			}
			Call call = method.call(target, invocation.getArguments(), this.keys, this.json);
			if (call == null) {
				this.gate.tell(RequestOutcome.UNPROTECTED, method.operation(), Entry.METHOD);
				return invocation.proceed();
			}
			IdempotentWork<?, Throwable> work = (context) -> proceed(invocation, context);
			Handling handling = method.listener() ? Handling.current() : null;
			return (handling != null) ? handling.call(work, (counted) -> run(method, call, counted))
					: run(method, call, work);
		}

		private @Nullable Object run(ProtectedMethod method, Call call, IdempotentWork<?, Throwable> work)
				throws Throwable {
			if (method.asynchronous()) {
				return this.runner.runAsync(call, (context) -> (CompletionStage<?>) work.run(context));
			}
			return this.runner.run(call, work);
		}

		/**
		 * Passes the context to parameters of its type, in place of what the caller
		 * passed.
		 */
		private static @Nullable Object proceed(MethodInvocation invocation, IdempotencyContext context)
				throws Throwable {
			Class<?>[] types = invocation.getMethod().getParameterTypes();
			for (int i = 0; i < types.length; i++) {
				if (types[i] == IdempotencyContext.class) {
					invocation.getArguments()[i] = context;
				}
			}
			return invocation.proceed();
		}

	}

}
