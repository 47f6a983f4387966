package io.idempotency.method;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;

import io.idempotency.store.Expiry;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * An operation with its key, and how it is protected. It is immutable: each method
 * returns another one.
 *
 * @param <T> the type of the result
 */
public final class IdempotentOperation<T> {

	private final String name;

	private final String key;

	private final Type resultType;

	private final @Nullable Object fingerprint;

	private final @Nullable Expiry expiry;

	private final Duration waitTimeout;

	private final List<Class<? extends Throwable>> storedExceptions;

	private final boolean transactional;

	private IdempotentOperation(String name, String key, Type resultType, @Nullable Object fingerprint,
			@Nullable Expiry expiry, Duration waitTimeout, List<Class<? extends Throwable>> storedExceptions,
			boolean transactional) {
		this.name = name;
		this.key = key;
		this.resultType = resultType;
		this.fingerprint = fingerprint;
		this.expiry = expiry;
		this.waitTimeout = waitTimeout;
		this.storedExceptions = storedExceptions;
		this.transactional = transactional;
	}

	/**
	 * Describes an operation that has no result.
	 * @param name names the operation
	 * @param key the idempotency key
	 * @return the operation
	 */
	public static IdempotentOperation<Void> of(String name, String key) {
		return of(name, key, Void.class);
	}

	/**
	 * Describes an operation.
	 * @param <T> the type of the result
	 * @param name names the operation
	 * @param key the idempotency key
	 * @param resultType the type that the result is stored as
	 * @return the operation
	 */
	public static <T> IdempotentOperation<T> of(String name, String key, Class<T> resultType) {
		return new IdempotentOperation<>(name, key, resultType, null, null, Duration.ZERO, List.of(), false);
	}

	/**
	 * Describes an operation whose result has a generic type, such as
	 * {@code List<Payment>}.
	 * @param <T> the type of the result
	 * @param name names the operation
	 * @param key the idempotency key
	 * @param resultType the type that the result is stored as
	 * @return the operation
	 */
	public static <T> IdempotentOperation<T> of(String name, String key, ParameterizedTypeReference<T> resultType) {
		return new IdempotentOperation<>(name, key, resultType.getType(), null, null, Duration.ZERO, List.of(), false);
	}

	/**
	 * Says what must be the same when the key comes again. Without it, calls with the key
	 * are not compared.
	 * @param content a text, or an object that is compared by its JSON
	 * @return the operation
	 */
	public IdempotentOperation<T> fingerprint(Object content) {
		return new IdempotentOperation<>(this.name, this.key, this.resultType, content, this.expiry, this.waitTimeout,
				this.storedExceptions, this.transactional);
	}

	/**
	 * Says how long the result is kept, counted from its completion. The default is
	 * {@code idempotency.expiry}.
	 * @param expiry the expiry
	 * @return the operation
	 */
	public IdempotentOperation<T> expiry(Duration expiry) {
		return new IdempotentOperation<>(this.name, this.key, this.resultType, this.fingerprint, Expiry.after(expiry),
				this.waitTimeout, this.storedExceptions, this.transactional);
	}

	/**
	 * Lets a concurrent call wait for the first one instead of being refused at once. The
	 * calling thread is blocked meanwhile.
	 * @param most how long it waits; zero, the default, refuses it at once
	 * @return the operation
	 */
	public IdempotentOperation<T> waitTimeout(Duration most) {
		return new IdempotentOperation<>(this.name, this.key, this.resultType, this.fingerprint, this.expiry, most,
				this.storedExceptions, this.transactional);
	}

	/**
	 * Names exceptions that are answers: the work has run, and later callers get the
	 * exception, too, as an object of the nearest named type with the properties that its
	 * JSON has. Its stack trace and its cause are not kept.
	 * @param types the exceptions, which Jackson must be able to create, from their
	 * message at least
	 * @return the operation
	 */
	@SafeVarargs
	@SuppressWarnings("varargs")
	public final IdempotentOperation<T> storingExceptions(Class<? extends Throwable>... types) {
		return new IdempotentOperation<>(this.name, this.key, this.resultType, this.fingerprint, this.expiry,
				this.waitTimeout, List.of(types), this.transactional);
	}

	/**
	 * Commits the record and the work in one transaction of the store's database: that of
	 * the caller if there is one, else one that begins and ends with the work. There is
	 * no lease: a concurrent call waits for the row of the first one, for as long as
	 * {@link #waitTimeout} says.
	 * <p>
	 * An exception of the work, or a result that cannot be stored, rolls the transaction
	 * back and frees the key, and a transaction of the caller can then not be committed.
	 * One of the {@linkplain #storingExceptions stored exceptions} is stored after the
	 * rollback, unless the transaction is the caller's.
	 * @return the operation
	 */
	public IdempotentOperation<T> transactional() {
		return new IdempotentOperation<>(this.name, this.key, this.resultType, this.fingerprint, this.expiry,
				this.waitTimeout, this.storedExceptions, true);
	}

	String name() {
		return this.name;
	}

	String key() {
		return this.key;
	}

	Type resultType() {
		return this.resultType;
	}

	@Nullable Object fingerprint() {
		return this.fingerprint;
	}

	@Nullable Expiry expiry() {
		return this.expiry;
	}

	Duration waitTimeout() {
		return this.waitTimeout;
	}

	List<Class<? extends Throwable>> storedExceptions() {
		return this.storedExceptions;
	}

	boolean isTransactional() {
		return this.transactional;
	}

}
