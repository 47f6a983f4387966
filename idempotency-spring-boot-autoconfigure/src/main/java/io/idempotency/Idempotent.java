package io.idempotency;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Protects a handler, or all handlers of a class, whatever HTTP methods they serve: the
 * first request with an idempotency key runs, retries get its response.
 * <p>
 * An annotation on a method wins over one on its class. It is inherited from superclass
 * and interface methods, and works as a meta-annotation.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface Idempotent {

	/**
	 * Whether a request without a key runs unprotected. By default it is refused.
	 * @return {@code true} to let requests without a key through
	 */
	boolean optional() default false;

	/**
	 * Whether the handler runs for a retry, too, and answers it by itself. A parameter of
	 * type {@link IdempotencyContext} tells it whether the key was used before and gives
	 * the stored response, which stays as it is.
	 * @return {@code true} to run the handler for every request but concurrent ones
	 */
	boolean manual() default false;

	/**
	 * How long the response is kept, counted from its completion: a duration such as
	 * {@code PT5M} or {@code 5m}, or {@code never} (or {@code 0}) to keep it for ever.
	 * Placeholders are resolved. By default {@code idempotency.expiry}.
	 * @return the expiry, or an empty string for the default
	 */
	String expiry() default "";

	/**
	 * The name of the {@link io.idempotency.store.IdempotencyStore} bean that keeps the
	 * response. Placeholders are resolved. By default the application's own or
	 * auto-configured store.
	 * @return the bean's name, or an empty string for the default
	 */
	String store() default "";

	/**
	 * Whether the handler's work and its response are committed in one transaction of the
	 * store's database, which the handler's own transaction joins. Then a crash at any
	 * moment leaves either both or neither. When the handler fails, or answers a status
	 * that is not stored, everything is rolled back. The first byte of the response
	 * leaves after the commit.
	 * <p>
	 * It needs a store in a database ({@code idempotency.store=jdbc}), and a handler that
	 * is not asynchronous. By default {@code idempotency.jdbc.transactional}.
	 * @return {@code true} to commit both or neither
	 */
	boolean transactional() default false;

}
