package io.idempotency.actuate;

import java.util.Map;
import java.util.TreeMap;

import io.idempotency.store.IdempotencyStore;
import org.jspecify.annotations.Nullable;

/**
 * The stores of the application by the names of their beans.
 */
final class Stores {

	private final Map<String, IdempotencyStore> byName;

	private final IdempotencyStore defaultStore;

	Stores(Map<String, IdempotencyStore> byName, IdempotencyStore defaultStore) {
		this.byName = new TreeMap<>(byName);
		this.defaultStore = defaultStore;
	}

	/**
	 * Returns a store.
	 * @param name the name of its bean, or {@code null} for the default store
	 * @throws IllegalArgumentException if there is no such store
	 */
	IdempotencyStore named(@Nullable String name) {
		IdempotencyStore store = (name != null) ? this.byName.get(name) : this.defaultStore;
		if (store == null) {
			throw new IllegalArgumentException("There is no such store; there are: " + this.byName.keySet() + ".");
		}
		return store;
	}

	String nameOf(IdempotencyStore store) {
		return this.byName.entrySet()
			.stream()
			.filter((entry) -> entry.getValue() == store)
			.map(Map.Entry::getKey)
			.findFirst()
			.orElseGet(() -> store.getClass().getName());
	}

	/**
	 * Returns a description of each store, by bean name.
	 */
	Map<String, StoreDescriptor> describe() {
		Map<String, StoreDescriptor> stores = new TreeMap<>();
		this.byName.forEach((name, store) -> stores.put(name,
				new StoreDescriptor(store.getClass().getName(), store == this.defaultStore)));
		return stores;
	}

	/**
	 * A store.
	 *
	 * @param type the class of the store
	 * @param isDefault whether handlers that name no store use this one
	 */
	record StoreDescriptor(String type, boolean isDefault) {
	}

}
