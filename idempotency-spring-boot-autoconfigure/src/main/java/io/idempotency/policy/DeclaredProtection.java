package io.idempotency.policy;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;

import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;

/**
 * The annotation that applies to a method.
 *
 * @param idempotent the {@link Idempotent} that applies, or {@code null} if the method is
 * exempt
 * @param onMethod whether the annotation is on the method and not on its class
 */
record DeclaredProtection(@Nullable Idempotent idempotent, boolean onMethod) {

	/**
	 * Returns the nearest annotation. It is looked up on the method, on the methods that
	 * it overrides or implements, on the class, and on the types that the class extends
	 * or implements.
	 * @return {@code null} if there is no annotation
	 */
	static @Nullable DeclaredProtection of(MethodDescription method) {
		DeclaredProtection onMethod = nearest(method.method(), method, true);
		return (onMethod != null) ? onMethod : nearest(method.userClass(), method, false);
	}

	private static @Nullable DeclaredProtection nearest(AnnotatedElement element, MethodDescription method,
			boolean onMethod) {
		MergedAnnotations annotations = MergedAnnotations.from(element, SearchStrategy.TYPE_HIERARCHY);
		MergedAnnotation<Idempotent> idempotent = annotations.get(Idempotent.class);
		MergedAnnotation<IdempotencyExempt> exempt = annotations.get(IdempotencyExempt.class);
		if (idempotent.isPresent() && exempt.isPresent()
				&& idempotent.getAggregateIndex() == exempt.getAggregateIndex()) {
			throw new InvalidIdempotencyConfigurationException(
					"The handler %s carries both @Idempotent and @IdempotencyExempt, on %s.".formatted(method,
							idempotent.getSource()),
					"Remove @Idempotent to leave the handler unprotected, or @IdempotencyExempt to protect it.");
		}
		if (isNearer(idempotent, exempt)) {
			return new DeclaredProtection(idempotent.synthesize(), onMethod);
		}
		return exempt.isPresent() ? new DeclaredProtection(null, onMethod) : null;
	}

	private static boolean isNearer(MergedAnnotation<? extends Annotation> one,
			MergedAnnotation<? extends Annotation> other) {
		return one.isPresent() && (!other.isPresent() || one.getAggregateIndex() < other.getAggregateIndex());
	}

}
