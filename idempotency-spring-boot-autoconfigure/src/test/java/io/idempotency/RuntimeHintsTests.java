package io.idempotency;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.actuate.EndpointIdempotencyAutoConfiguration;
import io.idempotency.forms.FormsIdempotencyAutoConfiguration;
import io.idempotency.forms.IdempotencyForm;
import io.idempotency.jdbc.JdbcIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.redis.RedisIdempotencyAutoConfiguration;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.StatusRange;
import io.idempotency.web.gate.GateIdempotencyAutoConfiguration;
import io.idempotency.web.servlet.ServletIdempotencyAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.web.context.servlet.AnnotationConfigServletWebApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.MediaType;
import org.springframework.javapoet.ClassName;
import org.springframework.mock.web.MockServletContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications can be processed ahead of time, for a native image among others.
 */
class RuntimeHintsTests {

	private static final RuntimeHints JDBC = process("idempotency.store=jdbc");

	private static final RuntimeHints REDIS = process("idempotency.store=redis");

	static final List<String> resources = resources();

	@ParameterizedTest
	@FieldSource("resources")
	void imageHasResource(String path) {
		assertThat(path.contains("/redis/") ? REDIS : JDBC)
			.matches(RuntimeHintsPredicates.resource().forResource(path));
	}

	@Test
	void propertiesCanBeBound() throws NoSuchMethodException {
		assertThat(JDBC).matches(RuntimeHintsPredicates.reflection().onMethodInvocation(StatusRange.class, "valueOf"))
			.matches(RuntimeHintsPredicates.reflection()
				.onMethodInvocation(MediaType.class.getMethod("valueOf", String.class)))
			.matches(RuntimeHintsPredicates.reflection()
				.onConstructorInvocation(IdempotencyProperties.class.getConstructors()[0]));
	}

	@Test
	void templatesCanCallForm() {
		assertThat(JDBC)
			.matches(RuntimeHintsPredicates.reflection().onMethodInvocation(IdempotencyForm.class, "getHiddenInput"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "RouterFunctionBuilder$BuiltRouterFunction", "RouterFunctions$AttributesRouterFunction",
			"RouterFunctions$DefaultNestedRouterFunction", "RouterFunctions$DefaultRouterFunction",
			"RouterFunctions$DifferentComposedRouterFunction", "RouterFunctions$FilteredRouterFunction",
			"RouterFunctions$SameComposedRouterFunction" })
	void partsOfRouterCanBeRead(String router) {
		assertThat(JDBC).matches(RuntimeHintsPredicates.reflection()
			.onType(TypeReference.of("org.springframework.web.servlet.function." + router))
			.withMemberCategory(MemberCategory.ACCESS_DECLARED_FIELDS));
	}

	@ParameterizedTest
	@ValueSource(strings = { "io.idempotency.actuate.RecordDescriptor",
			"io.idempotency.actuate.RecordDescriptor$ResponseDescriptor",
			"io.idempotency.actuate.IdempotencyEndpoint$Message",
			"io.idempotency.actuate.RecordDescriptor$ResultDescriptor",
			"io.idempotency.actuate.ApplicationReport$OperationDescriptor",
			"io.idempotency.actuate.ApplicationReport$HandlerDescriptor" })
	void endpointCanAnswer(String type) {
		assertThat(JDBC).matches(RuntimeHintsPredicates.reflection().onType(TypeReference.of(type)));
	}

	@Test
	void endpointCanListSettings() {
		assertThat(JDBC)
			.matches(RuntimeHintsPredicates.reflection().onMethodInvocation(IdempotencyProperties.class, "keyHeader"));
	}

	@Test
	void storeFindsServersOfApplicationsConnection() {
		assertThat(REDIS)
			.matches(RuntimeHintsPredicates.reflection().onFieldAccess(LettuceConnectionFactory.class, "configuration"))
			.matches(RuntimeHintsPredicates.reflection().onType(io.lettuce.core.RedisClient.class))
			.matches(RuntimeHintsPredicates.reflection().onFieldAccess(JedisConnectionFactory.class, "configuration"))
			.matches(RuntimeHintsPredicates.reflection()
				.onMethodInvocation(JedisConnectionFactory.class, "getStandaloneConfiguration"))
			.matches(RuntimeHintsPredicates.reflection().onType(TypeReference.of("redis.clients.jedis.Jedis")));
	}

	private static RuntimeHints process(String... properties) {
		AnnotationConfigServletWebApplicationContext context = new AnnotationConfigServletWebApplicationContext();
		context.setServletContext(new MockServletContext());
		TestPropertyValues
			.of(Stream.concat(Stream.of("idempotency.key-parameter=key", "spring.datasource.url=jdbc:h2:mem:aot",
					"management.endpoints.web.exposure.include=*"), Arrays.stream(properties)))
			.applyTo(context);
		context.register(WebMvcAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataRedisAutoConfiguration.class, JdbcIdempotencyAutoConfiguration.class,
				RedisIdempotencyAutoConfiguration.class, EngineIdempotencyAutoConfiguration.class,
				GateIdempotencyAutoConfiguration.class, StepIdempotencyAutoConfiguration.class,
				ServletIdempotencyAutoConfiguration.class, FormsIdempotencyAutoConfiguration.class,
				EndpointIdempotencyAutoConfiguration.class);
		DefaultGenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get(RuntimeHintsTests.class)), new InMemoryGeneratedFiles());
		new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		context.close();
		return generation.getRuntimeHints();
	}

	private static List<String> resources() {
		Path root = Path.of("src/main/resources");
		try (Stream<Path> files = Files.walk(root.resolve("io"))) {
			return files.filter(Files::isRegularFile)
				.map((file) -> root.relativize(file).toString().replace(File.separatorChar, '/'))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
