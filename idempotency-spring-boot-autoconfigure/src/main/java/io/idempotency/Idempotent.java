package io.idempotency;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Protects an HTTP handler, a message listener or any other method of a bean, so that its
 * work is not repeated for the same idempotency key. On a class, it applies to all
 * handlers, listeners or methods of the class.
 * <ul>
 * <li>On a handler: the first request with an idempotency key runs the handler, and
 * retries get its response. The annotation applies to the unsafe HTTP methods of the
 * handler, even if they are not listed in {@code idempotency.methods}. On a handler
 * method that serves only safe HTTP methods, it applies to these.</li>
 * <li>On a method of a bean that declares a {@link #key}: the first call with a key runs
 * the method, and later calls get its result. Calls must go through the Spring proxy of
 * the bean. Calls from within the same class are not protected.</li>
 * <li>On a {@code @KafkaListener}, {@code @RabbitListener} or {@code @JmsListener}
 * method: a message that was already processed is acknowledged, and the listener does not
 * run again. If no {@link #key} is declared, the key comes from the message.</li>
 * </ul>
 * <p>
 * A suspending function of Kotlin is protected if it is a handler of HTTP requests, like
 * any other asynchronous handler. On another method of a bean, the annotation stops the
 * application at start.
 * <p>
 * An annotation on a method takes precedence over one on its class. The annotation is
 * inherited from superclass and interface methods, and can be used as a meta-annotation.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface Idempotent {

	/**
	 * Whether a request without a key runs unprotected. By default, such a request is
	 * refused.
	 * @return {@code true} to let requests without a key through
	 */
	boolean optional() default false;

	/**
	 * Whether the handler also runs for a retry and answers it itself. The handler must
	 * have a parameter of type {@link IdempotencyContext}, which tells whether the key
	 * was used before and gives the stored response. The stored response does not change.
	 * @return {@code true} to run the handler for every request except concurrent ones
	 */
	boolean manual() default false;

	/**
	 * How long the response is kept after the request has completed: a duration such as
	 * {@code PT5M} or {@code 5m}, or {@code never} (or {@code 0}) to keep it for ever.
	 * Placeholders are resolved. The default is {@code idempotency.expiry}.
	 * @return the expiry, or an empty string for the default
	 */
	String expiry() default "";

	/**
	 * The name of the {@link io.idempotency.store.IdempotencyStore} bean that keeps the
	 * response. Placeholders are resolved. The default is the store that the application
	 * declares, or the auto-configured store.
	 * @return the name of the bean, or an empty string for the default
	 */
	String store() default "";

	/**
	 * Whether the handler's work and its response are committed in one transaction of the
	 * store's database. The handler's own transactions join it. If the application
	 * crashes at any moment, either both are committed or neither. If the handler fails,
	 * or answers with a status that is not stored, everything is rolled back. No byte of
	 * the response is sent before the commit.
	 * <p>
	 * For a method that is not an HTTP handler, the record is written before the method
	 * runs: in the caller's transaction, or in a new transaction that ends with the call.
	 * There is no lease in this case.
	 * <p>
	 * This needs a store in a database ({@code idempotency.store=jdbc}), and a handler
	 * that is not asynchronous. The default is {@code idempotency.jdbc.transactional}.
	 * @return {@code true} to commit the work and the response together
	 */
	boolean transactional() default false;

	/**
	 * How the {@linkplain IdempotencyContext#step steps} of the handler, method or
	 * listener are stored. {@link StepMode#TRANSACTIONAL} cannot be combined with
	 * {@link #transactional}, because each step then has a transaction of its own.
	 * @return whether each step is committed together with its result
	 */
	StepMode steps() default StepMode.SEPARATE;

	/**
	 * The version of the steps. Results that were stored under another version are not
	 * used: the steps run again. Change the version when the handler takes different
	 * steps, if it does no harm to repeat the steps of requests that were interrupted
	 * before the change.
	 * @return any text
	 */
	String version() default "";

	/**
	 * The key of a call, as a SpEL expression that can use the parameters of the method,
	 * such as {@code #order.id}. In a listener, it can also use {@code #payload} and
	 * {@code #headers}. The result must be a string, a number or another simple value. An
	 * HTTP handler does not declare a key, because the key comes with the request.
	 * @return the expression
	 */
	String key() default "";

	/**
	 * The value that must be the same when a key is used again, as an expression like
	 * {@link #key}. By default, calls are not compared. HTTP handlers do not support this
	 * attribute: {@code idempotency.fingerprint} says what is compared for them.
	 * @return the expression, or an empty string for none
	 */
	String fingerprint() default "";

	/**
	 * The name of the operation that the keys of a method or listener belong to. The
	 * default is made of the names of the class and the method. If either of them is
	 * renamed, keys that were used before count as new. HTTP handlers do not support this
	 * attribute: {@code idempotency.scope} defines the scope of their keys.
	 * @return the name, or an empty string for the default
	 */
	String operation() default "";

	/**
	 * How long a method call waits for a concurrent call with the same key before it is
	 * refused: a duration such as {@code 5s}. Placeholders are resolved. The calling
	 * thread is blocked while it waits. For HTTP handlers, use
	 * {@code idempotency.wait-timeout} instead. Listeners do not wait.
	 * @return the duration, or an empty string not to wait
	 */
	String waitTimeout() default "";

	/**
	 * The exceptions of a method or listener that are stored like a result, so that later
	 * calls get the same exception. Any other exception frees the key. For HTTP handlers,
	 * use {@code idempotency.store-on-statuses} instead.
	 * @return the exceptions, which Jackson must be able to create, at least from their
	 * message
	 */
	Class<? extends Throwable>[] storedExceptions() default {};

}
