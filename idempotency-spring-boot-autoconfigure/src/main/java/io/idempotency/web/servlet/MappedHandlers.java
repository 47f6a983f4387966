package io.idempotency.web.servlet;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.http.HttpMethod;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.handler.AbstractHandlerMethodMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/**
 * The annotated handlers of the application, and their mappings.
 */
final class MappedHandlers {

	private final Set<HandlerKey> all = new HashSet<>();

	private final List<Mapping> mappings = new ArrayList<>();

	private final Map<HandlerKey, List<RequestMappingInfo>> byHandler = new HashMap<>();

	private final Map<HandlerKey, String> variants = new HashMap<>();

	MappedHandlers(ListableBeanFactory beanFactory) {
		Collection<RequestMappingInfoHandlerMapping> handlerMappings = beanFactory
			.getBeansOfType(RequestMappingInfoHandlerMapping.class, true, false)
			.values();
		handlerMappings.forEach((handlerMapping) -> handlerMapping.getHandlerMethods().forEach(this::add));
		beanFactory.getBeansOfType(AbstractHandlerMethodMapping.class, true, false)
			.values()
			.forEach((mapping) -> addAll(mapping.getHandlerMethods().values()));
		siblings().forEach((mapping) -> {
			String variant = variant(mapping.info());
			if (variant != null) {
				this.variants.merge(HandlerKey.of(mapping.handler()), variant, (one, other) -> one + " or " + other);
			}
		});
	}

	private void addAll(Collection<?> handlers) {
		handlers.forEach((handler) -> this.all.add(HandlerKey.of((HandlerMethod) handler)));
	}

	private void add(RequestMappingInfo info, HandlerMethod handler) {
		this.mappings.add(new Mapping(info, handler));
		this.byHandler.computeIfAbsent(HandlerKey.of(handler), (key) -> new ArrayList<>()).add(info);
	}

	void forEach(BiConsumer<RequestMappingInfo, HandlerMethod> consumer) {
		this.mappings.forEach((mapping) -> consumer.accept(mapping.info(), mapping.handler()));
	}

	/**
	 * Returns whether a method of a class is a handler, in any kind of mapping.
	 */
	boolean contains(Class<?> userClass, Method method) {
		return this.all.stream()
			.anyMatch((key) -> ClassUtils.getUserClass(key.beanType()) == userClass
					&& key.method().getName().equals(method.getName())
					&& Arrays.equals(key.method().getParameterTypes(), method.getParameterTypes()));
	}

	/**
	 * Returns the HTTP methods that a handler serves; empty if it serves all.
	 */
	Set<HttpMethod> methodsOf(HandlerMethod handler) {
		return this.byHandler.getOrDefault(HandlerKey.of(handler), List.of())
			.stream()
			.flatMap((info) -> methods(info).stream())
			.collect(Collectors.toCollection(TreeSet::new));
	}

	static Set<HttpMethod> methods(RequestMappingInfo info) {
		return info.getMethodsCondition()
			.getMethods()
			.stream()
			.map(RequestMethod::asHttpMethod)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	boolean isMappedTo(HandlerMethod handler, String path) {
		return this.byHandler.getOrDefault(HandlerKey.of(handler), List.of())
			.stream()
			.anyMatch((info) -> info.getPatternValues().contains(path));
	}

	/**
	 * Returns the conditions that distinguish a handler from others of the same path and
	 * method.
	 * @return the conditions, or {@code null} if there are none
	 */
	@Nullable String variantOf(HandlerMethod handler) {
		return this.variants.get(HandlerKey.of(handler));
	}

	private Set<Mapping> siblings() {
		Map<String, List<Mapping>> byPath = new LinkedHashMap<>();
		for (Mapping mapping : this.mappings) {
			for (String pattern : mapping.info().getPatternValues()) {
				String path = pattern.replaceAll("\\{[^/}]*}", "{}");
				byPath.computeIfAbsent(path, (key) -> new ArrayList<>()).add(mapping);
			}
		}
		return byPath.values()
			.stream()
			.flatMap((alike) -> alike.stream()
				.filter((mapping) -> alike.stream().anyMatch((other) -> other != mapping && overlap(mapping, other))))
			.collect(Collectors.toSet());
	}

	private static boolean overlap(Mapping one, Mapping other) {
		Set<HttpMethod> methods = methods(one.info());
		Set<HttpMethod> others = methods(other.info());
		return methods.isEmpty() || others.isEmpty() || methods.stream().anyMatch(others::contains);
	}

	private static @Nullable String variant(RequestMappingInfo info) {
		Stream<String> conditions = Stream.of(words("consumes", info.getConsumesCondition().getExpressions()),
				words("headers", info.getHeadersCondition().getExpressions()),
				words("params", info.getParamsCondition().getExpressions()), version(info));
		String variant = conditions.filter((words) -> !words.isEmpty()).collect(Collectors.joining(" "));
		return variant.isEmpty() ? null : variant;
	}

	private static String words(String name, Collection<?> expressions) {
		return expressions.isEmpty() ? ""
				: expressions.stream().map(Object::toString).sorted().collect(Collectors.joining(", ", name + " ", ""));
	}

	private static String version(RequestMappingInfo info) {
		String version = info.getVersionCondition().getVersion();
		return (version != null) ? "version " + version : "";
	}

	/**
	 * Identifies a handler, even if it is held by different objects.
	 */
	record HandlerKey(Class<?> beanType, Method method) {

		static HandlerKey of(HandlerMethod handler) {
			return new HandlerKey(handler.getBeanType(), handler.getMethod());
		}

	}

	private record Mapping(RequestMappingInfo info, HandlerMethod handler) {
	}

}
