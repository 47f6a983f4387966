package io.idempotency.policy;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.StepMode;
import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.TransactionalIdempotencyStore;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.function.SingletonSupplier;

/**
 * Determines how methods are protected, and validates their annotations. A mistake is
 * reported as an {@link InvalidIdempotencyConfigurationException}.
 * <p>
 * Public for the front ends of this library; not intended for applications.
 */
public final class ProtectionPolicies {

	private final Expiry defaultExpiry;

	private final Supplier<IdempotencyStore> defaultStore;

	private final ConfigurableListableBeanFactory beanFactory;

	private final ExpiryConverter expiryConverter = new ExpiryConverter();

	private final TransactionRules transactionRules = new TransactionRules();

	private final Map<MethodDescription, Optional<DeclaredPolicy>> declared = new ConcurrentHashMap<>();

	/**
	 * Creates the policies.
	 * @param defaultExpiry how long results are kept by default
	 * @param defaultStore supplies the default store. It is called lazily, because this
	 * object may be created early and must not create the connections of a store
	 * @param beanFactory the bean factory, which has the stores and resolves placeholders
	 */
	public ProtectionPolicies(Expiry defaultExpiry, Supplier<IdempotencyStore> defaultStore,
			ConfigurableListableBeanFactory beanFactory) {
		this.defaultExpiry = defaultExpiry;
		this.defaultStore = SingletonSupplier.of(defaultStore);
		this.beanFactory = beanFactory;
	}

	/**
	 * Returns the store of methods that do not name a store.
	 * @return the application's store
	 */
	public IdempotencyStore defaultStore() {
		return this.defaultStore.get();
	}

	/**
	 * Returns the policy that the annotations of a method declare.
	 * @param method the method
	 * @return {@code null} if there is no annotation
	 */
	public @Nullable DeclaredPolicy declared(MethodDescription method) {
		return this.declared.computeIfAbsent(method, (key) -> Optional.ofNullable(read(key))).orElse(null);
	}

	/**
	 * Returns the nearest annotation of a method.
	 * @param method the method
	 * @return {@code null} if there is no annotation, or the method is exempt
	 * @throws InvalidIdempotencyConfigurationException if the same element has both
	 * annotations
	 */
	public static @Nullable Idempotent annotation(MethodDescription method) {
		DeclaredProtection protection = DeclaredProtection.of(method);
		return (protection != null) ? protection.idempotent() : null;
	}

	/**
	 * Returns the policy of a method that is annotated.
	 * @param method the method
	 * @return how it is protected
	 */
	public ProtectionPolicy required(MethodDescription method) {
		DeclaredPolicy declared = declared(method);
		if (declared == null || declared.policy() == null) {
			throw new IllegalStateException(method + " is not annotated");
		}
		return declared.policy();
	}

	/**
	 * Requires that the annotation of a handler of HTTP requests has none of the
	 * attributes that are only for other methods.
	 * @param handler the handler
	 * @throws InvalidIdempotencyConfigurationException if it has one of them
	 */
	public void requireHandler(MethodDescription handler) {
		Idempotent idempotent = annotation(handler);
		if (idempotent != null && !(idempotent.key().isEmpty() && idempotent.fingerprint().isEmpty()
				&& idempotent.operation().isEmpty() && idempotent.waitTimeout().isEmpty()
				&& idempotent.storedExceptions().length == 0)) {
			throw new InvalidIdempotencyConfigurationException(
					"@Idempotent on the handler %s has a key, fingerprint, operation, waitTimeout or storedExceptions, which handlers of HTTP requests do not support."
						.formatted(handler),
					"Remove the attribute: the key comes with the request, and the properties idempotency.* configure the rest.");
		}
	}

	/**
	 * Returns the policy of a handler without annotations.
	 * @param keyRequired whether a call without a key is refused
	 * @param streaming whether its result is streamed
	 * @return how it is protected
	 */
	public ProtectionPolicy byDefault(boolean keyRequired, boolean streaming) {
		IdempotencyStore store = defaultStore();
		return new ProtectionPolicy(keyRequired, false, streaming, this.defaultExpiry, store,
				isTransactionalByDefault(store), StepMode.SEPARATE, "");
	}

	/**
	 * Returns the policy of calls that declare their protection themselves.
	 * @param expiry how long their results are kept, or {@code null} for the default
	 * @param transactional whether their work is to be committed together with the
	 * outcome
	 * @param stepMode how their steps are stored
	 * @param version the version of their steps
	 * @return how the calls are protected
	 * @throws InvalidIdempotencyConfigurationException if the store has no transactions
	 */
	public ProtectionPolicy ofCalls(@Nullable Expiry expiry, boolean transactional, StepMode stepMode, String version) {
		IdempotencyStore store = defaultStore();
		boolean together = isTransactional("A call", transactional, stepMode, store);
		if (together) {
			this.transactionRules.requireTransactions("A call", store);
		}
		return new ProtectionPolicy(true, false, false, (expiry != null) ? expiry : this.defaultExpiry, store, together,
				stepMode, version);
	}

	/**
	 * Returns whether work is committed together with its outcome. The default of the
	 * store is ignored for work with transactional steps.
	 */
	private boolean isTransactional(String name, boolean declared, StepMode stepMode, IdempotencyStore store) {
		if (stepMode != StepMode.TRANSACTIONAL) {
			return declared || isTransactionalByDefault(store);
		}
		if (declared) {
			throw new InvalidIdempotencyConfigurationException(
					"%s is to commit its work together with its response, and each of its steps separately."
						.formatted(name),
					"Remove transactional, or steps = StepMode.TRANSACTIONAL.");
		}
		this.transactionRules.requireTransactionsOfSteps(name, store);
		return false;
	}

	/**
	 * Checks the rules for transactions on a method without annotations, if it runs in a
	 * transaction by default.
	 * @param method the method
	 */
	public void checkDefault(MethodDescription method) {
		if (isTransactionalByDefault(defaultStore())) {
			this.transactionRules.require(method, defaultStore());
		}
	}

	private static boolean isTransactionalByDefault(IdempotencyStore store) {
		return store instanceof TransactionalIdempotencyStore transactions && transactions.isTransactionalByDefault();
	}

	private @Nullable DeclaredPolicy read(MethodDescription method) {
		DeclaredProtection protection = DeclaredProtection.of(method);
		if (protection == null) {
			return null;
		}
		Idempotent idempotent = protection.idempotent();
		return new DeclaredPolicy((idempotent != null) ? policy(idempotent, method) : null, protection.onMethod());
	}

	private ProtectionPolicy policy(Idempotent idempotent, MethodDescription method) {
		if (method.resultKind() == ResultKind.STREAMING) {
			throw new InvalidIdempotencyConfigurationException(
					"The handler %s is @Idempotent, but streams its response, which cannot be stored."
						.formatted(method),
					"Remove @Idempotent, or return the whole response at once.");
		}
		if (idempotent.manual() && !method.takes(IdempotencyContext.class)) {
			throw new InvalidIdempotencyConfigurationException(
					"The handler %s has @Idempotent(manual = true), but no parameter of type IdempotencyContext, which it needs to recognize a retry."
						.formatted(method),
					"Add a parameter of type io.idempotency.IdempotencyContext, or remove manual, so that retries get the stored response.");
		}
		IdempotencyStore store = store(idempotent, method);
		boolean transactional = isTransactional("The handler " + method, idempotent.transactional(), idempotent.steps(),
				store);
		if (transactional) {
			this.transactionRules.require(method, store);
		}
		return new ProtectionPolicy(!idempotent.optional(), idempotent.manual(), false, expiry(idempotent, method),
				store, transactional, idempotent.steps(), idempotent.version());
	}

	private Expiry expiry(Idempotent idempotent, MethodDescription method) {
		if (idempotent.expiry().isEmpty()) {
			return this.defaultExpiry;
		}
		try {
			return this.expiryConverter.convert(resolve(idempotent.expiry()));
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidIdempotencyConfigurationException("The handler %s has @Idempotent(expiry = \"%s\"): %s."
				.formatted(method, idempotent.expiry(), ex.getMessage()),
					"Give a duration such as PT5M or 5m, or never.");
		}
	}

	private IdempotencyStore store(Idempotent idempotent, MethodDescription method) {
		if (idempotent.store().isEmpty()) {
			return defaultStore();
		}
		try {
			return this.beanFactory.getBean(resolve(idempotent.store()), IdempotencyStore.class);
		}
		catch (BeansException | IllegalArgumentException ex) {
			String names = String.join(", ", this.beanFactory.getBeanNamesForType(IdempotencyStore.class));
			throw new InvalidIdempotencyConfigurationException(
					"The handler %s has @Idempotent(store = \"%s\"), but there is no such store: %s.".formatted(method,
							idempotent.store(), ex.getMessage()),
					"Name one of the IdempotencyStore beans (" + names + "), or remove the attribute.");
		}
	}

	private String resolve(String text) {
		String resolved = this.beanFactory.resolveEmbeddedValue(text);
		return (resolved != null) ? resolved : "";
	}

}
