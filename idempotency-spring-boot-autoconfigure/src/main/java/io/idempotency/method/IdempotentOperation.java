package io.idempotency.method;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMode;
import io.idempotency.store.Expiry;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * Describes an operation with its key, and how it is protected. Instances are immutable:
 * each method returns a new one.
 *
 * @param <T> the type of the result
 */
public final class IdempotentOperation<T> {

	private final String name;

	private final String key;

	private final Type resultType;

	private final Settings settings;

	private IdempotentOperation(String name, String key, Type resultType, Settings settings) {
		this.name = name;
		this.key = key;
		this.resultType = resultType;
		this.settings = settings;
	}

	private IdempotentOperation<T> with(Settings settings) {
		return new IdempotentOperation<>(this.name, this.key, this.resultType, settings);
	}

	/**
	 * Describes an operation that has no result.
	 * @param name the name of the operation
	 * @param key the idempotency key
	 * @return the operation
	 */
	public static IdempotentOperation<Void> of(String name, String key) {
		return of(name, key, Void.class);
	}

	/**
	 * Describes an operation.
	 * @param <T> the type of the result
	 * @param name the name of the operation
	 * @param key the idempotency key
	 * @param resultType the type that the result is stored as
	 * @return the operation
	 */
	public static <T> IdempotentOperation<T> of(String name, String key, Class<T> resultType) {
		return new IdempotentOperation<>(name, key, resultType, Settings.DEFAULT);
	}

	/**
	 * Describes an operation whose result has a generic type, such as
	 * {@code List<Payment>}.
	 * @param <T> the type of the result
	 * @param name the name of the operation
	 * @param key the idempotency key
	 * @param resultType the type that the result is stored as
	 * @return the operation
	 */
	public static <T> IdempotentOperation<T> of(String name, String key, ParameterizedTypeReference<T> resultType) {
		return new IdempotentOperation<>(name, key, resultType.getType(), Settings.DEFAULT);
	}

	/**
	 * Sets what must be the same when the key is used again. Without it, calls with the
	 * same key are not compared.
	 * @param content a text, or an object that is compared by its JSON
	 * @return the operation
	 */
	public IdempotentOperation<T> fingerprint(Object content) {
		return with(new Settings(content, this.settings.expiry(), this.settings.waitTimeout(),
				this.settings.storedExceptions(), this.settings.transactional(), this.settings.stepMode(),
				this.settings.version()));
	}

	/**
	 * Sets how long the result is kept, counted from its completion. The default is
	 * {@code idempotency.expiry}.
	 * @param expiry the expiry; zero keeps the result for ever
	 * @return the operation
	 */
	public IdempotentOperation<T> expiry(Duration expiry) {
		return with(new Settings(this.settings.fingerprint(), Expiry.after(expiry), this.settings.waitTimeout(),
				this.settings.storedExceptions(), this.settings.transactional(), this.settings.stepMode(),
				this.settings.version()));
	}

	/**
	 * Sets how long a concurrent call waits for the first one. The calling thread is
	 * blocked during this time.
	 * @param most how long the call waits at most; with zero, the default, it is refused
	 * immediately
	 * @return the operation
	 */
	public IdempotentOperation<T> waitTimeout(Duration most) {
		return with(new Settings(this.settings.fingerprint(), this.settings.expiry(), most,
				this.settings.storedExceptions(), this.settings.transactional(), this.settings.stepMode(),
				this.settings.version()));
	}

	/**
	 * Sets exceptions that are stored like results: the work does not run again, and
	 * later callers get the exception, too. They get an object of the nearest of these
	 * types with the properties of its JSON. The stack trace and the cause are not
	 * stored.
	 * @param types the types of exceptions, which Jackson must be able to create, at
	 * least from their message
	 * @return the operation
	 */
	@SafeVarargs
	@SuppressWarnings("varargs")
	public final IdempotentOperation<T> storingExceptions(Class<? extends Throwable>... types) {
		return with(new Settings(this.settings.fingerprint(), this.settings.expiry(), this.settings.waitTimeout(),
				List.of(types), this.settings.transactional(), this.settings.stepMode(), this.settings.version()));
	}

	/**
	 * Commits the record and the work in one transaction of the store's database. This is
	 * the transaction of the caller if there is one, and otherwise a new transaction that
	 * begins and ends with the work. There is no lease: a concurrent call waits for the
	 * row of the first one, for up to the {@linkplain #waitTimeout wait timeout}.
	 * <p>
	 * If the work throws an exception or its result cannot be stored, the transaction is
	 * rolled back and the key is freed. A transaction of the caller can then only be
	 * rolled back. A {@linkplain #storingExceptions stored exception} is stored after the
	 * rollback, unless the transaction belongs to the caller.
	 * @return the operation
	 */
	public IdempotentOperation<T> transactional() {
		return with(new Settings(this.settings.fingerprint(), this.settings.expiry(), this.settings.waitTimeout(),
				this.settings.storedExceptions(), true, this.settings.stepMode(), this.settings.version()));
	}

	/**
	 * Commits each {@linkplain IdempotencyContext#step step} of the work together with
	 * its result, in a transaction of its own.
	 * @return the operation
	 * @see StepMode#TRANSACTIONAL
	 */
	public IdempotentOperation<T> transactionalSteps() {
		return with(new Settings(this.settings.fingerprint(), this.settings.expiry(), this.settings.waitTimeout(),
				this.settings.storedExceptions(), this.settings.transactional(), StepMode.TRANSACTIONAL,
				this.settings.version()));
	}

	/**
	 * Sets the version of the steps of the work. Stored steps of another version are not
	 * used.
	 * @param version the version, which can be any text
	 * @return the operation
	 */
	public IdempotentOperation<T> version(String version) {
		return with(new Settings(this.settings.fingerprint(), this.settings.expiry(), this.settings.waitTimeout(),
				this.settings.storedExceptions(), this.settings.transactional(), this.settings.stepMode(), version));
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

	Settings settings() {
		return this.settings;
	}

	/**
	 * How an operation is protected.
	 *
	 * @param fingerprint what must be the same when the key is used again
	 * @param expiry how long the result is kept, or {@code null} for the default
	 * @param waitTimeout how long a concurrent call waits
	 * @param storedExceptions the exceptions that are stored like results
	 * @param transactional whether the work is committed together with its record
	 * @param stepMode how steps are stored
	 * @param version the version of the steps
	 */
	record Settings(@Nullable Object fingerprint, @Nullable Expiry expiry, Duration waitTimeout,
			List<Class<? extends Throwable>> storedExceptions, boolean transactional, StepMode stepMode,
			String version) {

		static final Settings DEFAULT = new Settings(null, null, Duration.ZERO, List.of(), false, StepMode.SEPARATE,
				"");

	}

}
