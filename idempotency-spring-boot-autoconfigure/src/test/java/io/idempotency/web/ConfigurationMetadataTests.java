package io.idempotency.web;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.idempotency.policy.EngineProperties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.bind.DefaultValue;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an IDE shows of the properties.
 */
@Tag("quick")
class ConfigurationMetadataTests {

	private final Map<String, JsonNode> properties = readProperties();

	@Test
	@DisplayName("Every property has a type and a description")
	void describesEveryProperty() {
		assertThat(this.properties).isNotEmpty().allSatisfy((name, property) -> {
			assertThat(property.path("type").asString("")).as("type of %s", name).isNotBlank();
			assertThat(property.path("description").asString("")).as("description of %s", name).isNotBlank();
		});
	}

	@Test
	@DisplayName("Every property is there, with its default where it has one")
	void showsEveryDefault() throws ReflectiveOperationException {
		List<String> expected = new ArrayList<>();
		for (Map.Entry<Class<?>, String> type : types().entrySet()) {
			for (Parameter parameter : type.getKey().getDeclaredConstructors()[0].getParameters()) {
				String name = type.getValue() + dashed(parameter.getName());
				if (parameter.getType().isRecord() && types().containsValue(name + ".")) {
					continue;
				}
				expected.add(name);
				assertThat(this.properties).hasEntrySatisfying(name,
						(property) -> assertThat(property.has("defaultValue")).as("default of %s", name)
							.isEqualTo(hasDefault(parameter)));
			}
		}
		assertThat(this.properties).containsOnlyKeys(expected);
	}

	@Test
	@DisplayName("No property is described as another one whose name begins alike")
	void describesPropertiesThemselves() {
		assertThat(this.properties).allSatisfy(
				(name, property) -> assertThat(property.path("description").asString()).as("description of %s", name)
					.doesNotContainPattern("^[A-Z][a-z]+[A-Z]"));
	}

	/**
	 * Enums are hints by themselves.
	 */
	@Test
	@DisplayName("The values of properties that are no enums are hinted at, for properties that there are")
	void hintsAtValues() {
		Set<String> hinted = new TreeSet<>();
		readMetadata("hints").forEach((hint) -> hinted.add(hint.path("name").asString()));
		assertThat(hinted).contains("idempotency.store-on-statuses", "idempotency.methods", "idempotency.expiry");
		assertThat(this.properties.keySet()).containsAll(hinted);
	}

	private static Map<Class<?>, String> types() throws ClassNotFoundException {
		return Map.ofEntries(Map.entry(EngineProperties.class, "idempotency."),
				Map.entry(IdempotencyProperties.class, "idempotency."),
				Map.entry(Class.forName("io.idempotency.memory.MemoryStoreProperties"), "idempotency.memory."),
				Map.entry(Class.forName("io.idempotency.redis.RedisStoreProperties"), "idempotency.redis."),
				Map.entry(Class.forName("io.idempotency.redis.RedisStoreProperties$Acknowledge"),
						"idempotency.redis.acknowledge."),
				Map.entry(Class.forName("io.idempotency.jdbc.JdbcStoreProperties"), "idempotency.jdbc."),
				Map.entry(Class.forName("io.idempotency.encryption.EncryptionProperties"), "idempotency.encryption."),
				Map.entry(Class.forName("io.idempotency.client.IdempotencyClientProperties"), "idempotency.client."),
				Map.entry(Class.forName("io.idempotency.client.IdempotencyClientProperties$Retry"),
						"idempotency.client.retry."),
				Map.entry(Class.forName("io.idempotency.openapi.OpenApiProperties"), "idempotency.openapi."),
				Map.entry(Class.forName("io.idempotency.kafka.KafkaIdempotencyProperties"), "idempotency.kafka."),
				Map.entry(Class.forName("io.idempotency.rabbit.RabbitListenerProperties"), "idempotency.rabbit."),
				Map.entry(Class.forName("io.idempotency.jms.JmsListenerProperties"), "idempotency.jms."));
	}

	private static boolean hasDefault(Parameter parameter) {
		DefaultValue value = parameter.getAnnotation(DefaultValue.class);
		return value != null && value.value().length > 0;
	}

	private static String dashed(String name) {
		return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
	}

	static Map<String, JsonNode> readProperties() {
		Map<String, JsonNode> properties = new TreeMap<>();
		readMetadata("properties").forEach((property) -> properties.put(property.path("name").asString(), property));
		return properties;
	}

	private static List<JsonNode> readMetadata(String kind) {
		List<JsonNode> ours = new ArrayList<>();
		try {
			for (var url : Collections.list(ConfigurationMetadataTests.class.getClassLoader()
				.getResources("META-INF/spring-configuration-metadata.json"))) {
				try (InputStream metadata = url.openStream()) {
					for (JsonNode entry : JsonMapper.shared().readTree(metadata).path(kind)) {
						if (entry.path("name").asString().startsWith("idempotency.")) {
							ours.add(entry);
						}
					}
				}
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return ours;
	}

}
