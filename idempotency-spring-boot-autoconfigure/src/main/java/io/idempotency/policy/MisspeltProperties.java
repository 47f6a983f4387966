package io.idempotency.policy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Warns at startup about properties whose names are similar to a property of this
 * library, because Spring Boot ignores unknown properties. Names that are not similar to
 * any are accepted: they may belong to the application.
 */
final class MisspeltProperties implements InitializingBean {

	private static final Log logger = LogFactory.getLog(MisspeltProperties.class);

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("idempotency");

	/**
	 * The metadata of all jars. Only that of this library has properties with this
	 * prefix.
	 */
	private static final String METADATA = "classpath*:META-INF/spring-configuration-metadata.json";

	/**
	 * The maximum distance of similar names, in letters that are wrong, missing, added,
	 * or swapped with the next letter.
	 */
	private static final int FURTHEST = 3;

	private static final int PREFIX_LENGTH = ROOT.toString().length();

	private final Environment environment;

	MisspeltProperties(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void afterPropertiesSet() {
		Set<String> used = used();
		if (used.isEmpty()) {
			return;
		}
		Map<String, String> known = known();
		for (String name : used) {
			if (!known.containsKey(uniform(name))) {
				nearest(uniform(name), known.keySet()).ifPresent((near) -> logger
					.warn("There is no property '" + name + "': did you mean '" + known.get(near) + "'?"));
			}
		}
	}

	/**
	 * Returns the names of all properties below {@code idempotency} in the environment,
	 * without indexes.
	 */
	private Set<String> used() {
		Set<String> names = new TreeSet<>();
		ConfigurationPropertySources.get(this.environment).forEach((source) -> {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream()
					.filter(ROOT::isAncestorOf)
					.map(MisspeltProperties::withoutIndex)
					.map(ConfigurationPropertyName::toString)
					.forEach(names::add);
			}
		});
		return names;
	}

	private static ConfigurationPropertyName withoutIndex(ConfigurationPropertyName name) {
		return name.isLastElementIndexed() ? name.getParent() : name;
	}

	/**
	 * Returns a form of the name that is the same for environment variables, which may
	 * have underscores for dashes and dots, or for dots only.
	 */
	private static String uniform(String name) {
		ConfigurationPropertyName parsed = ConfigurationPropertyName.of(name);
		StringBuilder uniform = new StringBuilder();
		for (int i = 0; i < parsed.getNumberOfElements(); i++) {
			uniform.append(parsed.getElement(i, Form.UNIFORM));
		}
		return uniform.toString();
	}

	/**
	 * Returns the names of all properties of this library by their uniform forms.
	 */
	private static Map<String, String> known() {
		Map<String, String> names = new HashMap<>();
		try {
			for (Resource metadata : new PathMatchingResourcePatternResolver().getResources(METADATA)) {
				addAll(metadata, names);
			}
		}
		catch (IOException ex) {
			logger.debug("The property names cannot be read and are not checked", ex);
		}
		return names;
	}

	/**
	 * Adds the names of a metadata file. Broken metadata of another jar is ignored, so
	 * that the application still starts.
	 */
	private static void addAll(Resource metadata, Map<String, String> names) {
		try {
			String json = metadata.getContentAsString(StandardCharsets.UTF_8);
			if (json.contains("\"" + ROOT + ".")
					&& JsonParserFactory.getJsonParser().parseMap(json).get("properties") instanceof List<?> list) {
				list.forEach((property) -> add(property, names));
			}
		}
		catch (IOException | RuntimeException ex) {
			logger.debug(metadata + " cannot be read", ex);
		}
	}

	private static void add(Object property, Map<String, String> names) {
		if (property instanceof Map<?, ?> description && description.get("name") instanceof String name
				&& name.startsWith(ROOT + ".")) {
			names.put(uniform(name), name);
		}
	}

	private static Optional<String> nearest(String name, Set<String> names) {
		return names.stream()
			.filter((other) -> distance(name, other) <= Math.min(FURTHEST, (other.length() - PREFIX_LENGTH) / 4))
			.min(Comparator.comparing((other) -> distance(name, other)));
	}

	/**
	 * Returns how many letters of a text must be changed to get another text.
	 */
	private static int distance(String one, String other) {
		int[][] distances = new int[one.length() + 1][other.length() + 1];
		for (int i = 0; i <= one.length(); i++) {
			for (int j = 0; j <= other.length(); j++) {
				distances[i][j] = (i == 0 || j == 0) ? i + j
						: Math.min(Math.min(distances[i - 1][j], distances[i][j - 1]) + 1,
								distances[i - 1][j - 1] + ((one.charAt(i - 1) == other.charAt(j - 1)) ? 0 : 1));
				if (i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
						&& one.charAt(i - 2) == other.charAt(j - 1)) {
					distances[i][j] = Math.min(distances[i][j], distances[i - 2][j - 2] + 1);
				}
			}
		}
		return distances[one.length()][other.length()];
	}

}
