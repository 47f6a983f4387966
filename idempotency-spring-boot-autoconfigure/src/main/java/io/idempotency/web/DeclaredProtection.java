package io.idempotency.web;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;

import io.idempotency.Idempotent;
import io.idempotency.IdempotencyExempt;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.web.method.HandlerMethod;

/**
 * What the annotations of a handler say.
 *
 * @param idempotent the {@link Idempotent} in force, or {@code null} if the handler is
 * exempt
 */
record DeclaredProtection(@Nullable Idempotent idempotent) {

	/**
	 * Returns what the nearest annotation says: on the method, on a method that it
	 * overrides or implements, on the class, on what that extends or implements.
	 * @return {@code null} if there is none
	 */
	static @Nullable DeclaredProtection of(HandlerMethod handler) {
		DeclaredProtection onMethod = nearest(handler.getMethod(), handler);
		return (onMethod != null) ? onMethod : nearest(ClassUtils.getUserClass(handler.getBeanType()), handler);
	}

	private static @Nullable DeclaredProtection nearest(AnnotatedElement element, HandlerMethod handler) {
		MergedAnnotations annotations = MergedAnnotations.from(element, SearchStrategy.TYPE_HIERARCHY);
		MergedAnnotation<Idempotent> idempotent = annotations.get(Idempotent.class);
		MergedAnnotation<IdempotencyExempt> exempt = annotations.get(IdempotencyExempt.class);
		if (idempotent.isPresent() && exempt.isPresent()
				&& idempotent.getAggregateIndex() == exempt.getAggregateIndex()) {
			throw new InvalidIdempotencyConfigurationException(
					"%s carries both @Idempotent and @IdempotencyExempt, on %s.".formatted(describe(handler),
							idempotent.getSource()),
					"Remove @Idempotent to leave the handler unprotected, or @IdempotencyExempt to protect it.");
		}
		if (isNearer(idempotent, exempt)) {
			return new DeclaredProtection(idempotent.synthesize());
		}
		return exempt.isPresent() ? new DeclaredProtection(null) : null;
	}

	private static boolean isNearer(MergedAnnotation<? extends Annotation> one,
			MergedAnnotation<? extends Annotation> other) {
		return one.isPresent() && (!other.isPresent() || one.getAggregateIndex() < other.getAggregateIndex());
	}

	static String describe(HandlerMethod handler) {
		return "The handler " + ClassUtils.getUserClass(handler.getBeanType()).getName() + "#"
				+ handler.getMethod().getName();
	}

}
