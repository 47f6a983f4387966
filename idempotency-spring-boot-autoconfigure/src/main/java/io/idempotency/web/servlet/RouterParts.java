package io.idempotency.web.servlet;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.springframework.util.ReflectionUtils;
import org.springframework.web.servlet.function.RouterFunction;

/**
 * The parts of a router.
 *
 * @param kind the simple name of its class; empty if it is not a class of Spring
 * @param values the values of its fields, in their order
 */
record RouterParts(String kind, List<Object> values) {

	/**
	 * Reads the parts of a router.
	 * @throws RuntimeException if they cannot be read
	 */
	static RouterParts of(RouterFunction<?> router) {
		Class<?> type = router.getClass();
		if (!type.getPackageName().equals(RouterFunction.class.getPackageName())) {
			return new RouterParts("", List.of());
		}
		List<Object> values = new ArrayList<>();
		for (Field field : type.getDeclaredFields()) {
			if (!Modifier.isStatic(field.getModifiers())) {
				ReflectionUtils.makeAccessible(field);
				Object value = ReflectionUtils.getField(field, router);
				if (value != null) {
					values.add(value);
				}
			}
		}
		return new RouterParts(type.getSimpleName(), values);
	}

	/**
	 * Returns the only part of a type.
	 */
	<T> T get(Class<T> type) {
		List<T> found = this.values.stream().filter(type::isInstance).map(type::cast).toList();
		if (found.size() != 1) {
			throw new IllegalStateException("There are " + found.size() + " parts of type " + type.getName());
		}
		return found.get(0);
	}

	RouterFunction<?> router() {
		return get(RouterFunction.class);
	}

	/**
	 * Returns all routers that are parts of the router, in the order in which they are
	 * called.
	 */
	List<RouterFunction<?>> routers() {
		List<RouterFunction<?>> routers = new ArrayList<>();
		for (Object value : this.values) {
			Collection<?> members = (value instanceof Collection<?> collection) ? collection : List.of(value);
			members.forEach((member) -> routers.add((RouterFunction<?>) member));
		}
		return routers;
	}

	@SuppressWarnings("unchecked")
	Map<String, Object> attributes() {
		return get(Map.class);
	}

}
