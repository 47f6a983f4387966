package io.idempotency;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Protects a handler of HTTP requests, a listener of messages, or any other method of a
 * bean, or all of a class.
 * <ul>
 * <li>On a handler, whatever HTTP methods it serves: the first request with an
 * idempotency key runs, retries get its response.</li>
 * <li>On a method of a bean that names its {@link #key}: the first call with a key runs,
 * later ones get its result. The calls must come through the bean, not from within its
 * own class.</li>
 * <li>On a {@code @KafkaListener}, {@code @RabbitListener} or {@code @JmsListener}
 * method: a message that was processed is acknowledged without running. Without
 * {@link #key}, the message has the key.</li>
 * </ul>
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
	 * The record of any other method is written before its work, in the transaction of
	 * its caller or in one that begins and ends with the call, and there is no lease.
	 * <p>
	 * It needs a store in a database ({@code idempotency.store=jdbc}), and a handler that
	 * is not asynchronous. By default {@code idempotency.jdbc.transactional}.
	 * @return {@code true} to commit both or neither
	 */
	boolean transactional() default false;

	/**
	 * How the {@linkplain IdempotencyContext#step steps} of the handler, method or
	 * listener are kept. {@link StepMode#TRANSACTIONAL} excludes {@link #transactional}:
	 * each step has a transaction, instead of the whole.
	 * @return whether each step is committed together with its result
	 */
	StepMode steps() default StepMode.SEPARATE;

	/**
	 * The version of the steps. An attempt does not use steps that another version has
	 * kept, and takes them again: change it when the handler takes other steps, and
	 * repeating those of requests that were cut off before does no harm.
	 * @return any text
	 */
	String version() default "";

	/**
	 * The key of a call, as an expression in the Spring Expression Language over the
	 * parameters of the method, such as {@code #order.id}; in a listener also over
	 * {@code #payload} and {@code #headers}. It must give a text, a number, or another
	 * simple value. Handlers of HTTP requests have none, since the key comes with the
	 * request.
	 * @return the expression
	 */
	String key() default "";

	/**
	 * What must be the same when a key comes again, as an expression like {@link #key}.
	 * By default calls are not compared. Not for handlers of HTTP requests, which
	 * {@code idempotency.fingerprint} compares.
	 * @return the expression, or an empty string for none
	 */
	String fingerprint() default "";

	/**
	 * The name of the operation that the keys of a method or listener belong to. By
	 * default the name of the class and the method, so that to rename either makes all
	 * keys new. Not for handlers of HTTP requests, whose scope is
	 * {@code idempotency.scope}.
	 * @return the name, or an empty string for the default
	 */
	String operation() default "";

	/**
	 * How long a call of a method waits for a concurrent one with its key, instead of
	 * being refused at once: a duration such as {@code 5s}. Placeholders are resolved.
	 * The calling thread is blocked meanwhile. Handlers of HTTP requests have
	 * {@code idempotency.wait-timeout}, and listeners do not wait.
	 * @return the duration, or an empty string not to wait
	 */
	String waitTimeout() default "";

	/**
	 * Exceptions of a method or listener that are answers: the work has run, and later
	 * calls get the exception, too. All others free the key. Handlers of HTTP requests
	 * have {@code idempotency.store-on-statuses}.
	 * @return the exceptions, which Jackson must be able to create, from their message at
	 * least
	 */
	Class<? extends Throwable>[] storedExceptions() default {};

}
