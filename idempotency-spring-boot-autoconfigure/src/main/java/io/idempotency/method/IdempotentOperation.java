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
 * An operation with its key, and how it is protected. It is immutable: each method
 * returns another one.
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
		return new IdempotentOperation<>(name, key, resultType, Settings.DEFAULT);
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
		return new IdempotentOperation<>(name, key, resultType.getType(), Settings.DEFAULT);
	}

	/**
	 * Says what must be the same when the key comes again. Without it, calls with the key
	 * are not compared.
	 * @param content a text, or an object that is compared by its JSON
	 * @return the operation
	 */
	public IdempotentOperation<T> fingerprint(Object content) {
		return with(new Settings(content, this.settings.expiry(), this.settings.waitTimeout(),
				this.settings.storedExceptions(), this.settings.transactional(), this.settings.stepMode(),
				this.settings.version()));
	}

	/**
	 * Says how long the result is kept, counted from its completion. The default is
	 * {@code idempotency.expiry}.
	 * @param expiry the expiry
	 * @return the operation
	 */
	public IdempotentOperation<T> expiry(Duration expiry) {
		return with(new Settings(this.settings.fingerprint(), Expiry.after(expiry), this.settings.waitTimeout(),
				this.settings.storedExceptions(), this.settings.transactional(), this.settings.stepMode(),
				this.settings.version()));
	}

	/**
	 * Lets a concurrent call wait for the first one instead of being refused at once. The
	 * calling thread is blocked meanwhile.
	 * @param most how long it waits; zero, the default, refuses it at once
	 * @return the operation
	 */
	public IdempotentOperation<T> waitTimeout(Duration most) {
		return with(new Settings(this.settings.fingerprint(), this.settings.expiry(), most,
				this.settings.storedExceptions(), this.settings.transactional(), this.settings.stepMode(),
				this.settings.version()));
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
		return with(new Settings(this.settings.fingerprint(), this.settings.expiry(), this.settings.waitTimeout(),
				List.of(types), this.settings.transactional(), this.settings.stepMode(), this.settings.version()));
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
	 * Gives the steps of the work a version: those that another version has kept are not
	 * used.
	 * @param version any text
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
	 * @param fingerprint what must be the same when its key comes again
	 * @param expiry how long its result is kept, or {@code null} for the default
	 * @param waitTimeout how long a concurrent call waits
	 * @param storedExceptions the exceptions that are answers
	 * @param transactional whether its work is committed together with its result
	 * @param stepMode how its steps are kept
	 * @param version the version of its steps
	 */
	record Settings(@Nullable Object fingerprint, @Nullable Expiry expiry, Duration waitTimeout,
			List<Class<? extends Throwable>> storedExceptions, boolean transactional, StepMode stepMode,
			String version) {

		static final Settings DEFAULT = new Settings(null, null, Duration.ZERO, List.of(), false, StepMode.SEPARATE,
				"");

	}

}
