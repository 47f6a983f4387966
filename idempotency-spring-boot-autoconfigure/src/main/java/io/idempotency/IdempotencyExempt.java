package io.idempotency;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Excludes a handler, or all handlers of a class, from protection. An excluded handler
 * runs for every request, with or without an idempotency key.
 * <p>
 * An annotation on a method takes precedence over one on its class. The annotation is
 * inherited from superclass and interface methods, and can be used as a meta-annotation.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface IdempotencyExempt {

}
