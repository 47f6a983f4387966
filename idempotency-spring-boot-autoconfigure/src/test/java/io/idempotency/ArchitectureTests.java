package io.idempotency;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rules of the house between packages.
 */
@Tag("quick")
class ArchitectureTests {

	private static final String[] EVERYWHERE = { "java..", "org.jspecify.annotations.." };

	private static final JavaClasses MAIN = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("io.idempotency");

	/**
	 * The way of a request through the packages. None sees one that comes before it.
	 */
	private static final List<String> WAY_OF_REQUEST = List.of("io.idempotency.web.servlet", "io.idempotency.web.gate",
			"io.idempotency.web.operation", "io.idempotency.web", "io.idempotency.step", "io.idempotency.policy",
			"io.idempotency.engine", "io.idempotency.result", "io.idempotency.store");

	/**
	 * What an application uses of the web layer: the rest is nobody's business.
	 */
	private static final String[] PUBLIC_IN_WEB = { "IdempotencyException", "IdempotencyFingerprinter",
			"IdempotencyKeyResolver", "IdempotencyProperties", "IdempotencyScopeResolver", "PrincipalRealmResolver",
			"PropertiesRuntimeHints", "ProtectedHandlers", "ProtectedMethods", "ProtectedRequest", "RecordLocator",
			"StatusRange" };

	private static final String[] PUBLIC_IN_CLIENT = { "ClientIdempotencyAutoConfiguration",
			"IdempotencyClientProperties", "IdempotencyKeyFilter", "IdempotencyKeyInterceptor", "IdempotencyKeySource",
			"IdempotencyStep", "KeyedRetryFilter", "KeyedRetryInterceptor" };

	@Test
	void findsClassesToLookAt() {
		assertThat(MAIN).hasSizeGreaterThan(40);
		assertThat(MAIN.stream().map(JavaClass::getPackageName)).contains("io.idempotency", "io.idempotency.store",
				"io.idempotency.engine", "io.idempotency.web", "io.idempotency.memory", "io.idempotency.redis",
				"io.idempotency.client");
	}

	@Test
	void packagesHaveNoCycles() {
		slices().matching("io.(**)").should().beFreeOfCycles().check(MAIN);
	}

	@Test
	void requestGoesOneWay() {
		for (int i = 0; i < WAY_OF_REQUEST.size(); i++) {
			for (String earlier : WAY_OF_REQUEST.subList(0, i)) {
				noClasses().that()
					.resideInAPackage(WAY_OF_REQUEST.get(i))
					.should()
					.dependOnClassesThat(resideInAnyPackage(earlier))
					.check(MAIN);
			}
		}
	}

	@Test
	void servletAndSpringMvcAreConfinedToFrontEnd() {
		confine(new String[] { "io.idempotency.web.servlet..", "io.idempotency.forms..", "io.idempotency.test.." },
				"jakarta.servlet..", "org.springframework.web.servlet..", "org.springframework.boot.web.servlet..");
	}

	@Test
	void policyKnowsNothingOfHttp() {
		noClasses().that()
			.resideInAPackage("io.idempotency.policy..")
			.should()
			.dependOnClassesThat(
					resideInAnyPackage("jakarta..", "org.springframework.web..", "org.springframework.http.."))
			.check(MAIN);
	}

	@Test
	void methodsAndStepsSeeNothingOfHttp() {
		noClasses().that()
			.resideInAnyPackage("io.idempotency.method..", "io.idempotency.step..", "io.idempotency.result..")
			.should()
			.dependOnClassesThat(resideInAnyPackage("io.idempotency.web..", "jakarta.servlet..",
					"org.springframework.web..", "org.springframework.http.."))
			.check(MAIN);
	}

	@Test
	void frontEndAppliesDecisionsAndNeverAsksEngineItself() {
		noClasses().that()
			.resideInAPackage("io.idempotency.web.servlet..")
			.should()
			.dependOnClassesThat(named("Attempt", "IdempotencyEngine", "OperationReader"))
			.check(MAIN);
	}

	@Test
	void frontEndIsNobodysBusiness() {
		classes().that()
			.resideInAPackage("io.idempotency.web.servlet..")
			.and()
			.areTopLevelClasses()
			.and()
			.doNotHaveSimpleName("ServletIdempotencyAutoConfiguration")
			.should()
			.notBePublic()
			.check(MAIN);
	}

	@Test
	void filesOfFrontEndAreShort() throws IOException {
		try (Stream<Path> files = Files.list(Path.of("src/main/java/io/idempotency/web/servlet"))) {
			assertThat(files.toList()).hasSizeGreaterThan(30)
				.allSatisfy((file) -> assertThat(Files.readAllLines(file)).hasSizeLessThan(300));
		}
	}

	@Test
	void handlersSeeStoreContractAndThatSeesNothingButJdk() {
		classes().that()
			.resideInAPackage("io.idempotency")
			.should()
			.onlyDependOnClassesThat(in("io.idempotency", "io.idempotency.store.."))
			.check(MAIN);
		classes().that()
			.resideInAPackage("io.idempotency.store..")
			.should()
			.onlyDependOnClassesThat(in("io.idempotency.store.."))
			.check(MAIN);
	}

	@Test
	void engineSeesStoreContractAndLogging() {
		classes().that()
			.resideInAPackage("io.idempotency.engine..")
			.should()
			.onlyDependOnClassesThat(
					in("io.idempotency.engine..", "io.idempotency.store..", "org.apache.commons.logging.."))
			.check(MAIN);
	}

	@Test
	void coreDoesNotSeeServletSpringOrBoot() {
		noClasses().that()
			.resideInAnyPackage("io.idempotency.store..", "io.idempotency.engine..")
			.should()
			.dependOnClassesThat(resideInAnyPackage("jakarta..", "org.springframework.."))
			.check(MAIN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "io.idempotency.memory", "io.idempotency.redis", "io.idempotency.jdbc",
			"io.idempotency.encryption" })
	void storeImplementationSeesStoreContractAlone(String feature) {
		classes().that()
			.resideInAPackage(feature + "..")
			.should()
			.onlyDependOnClassesThat(resideOutsideOfPackages("io.idempotency..")
				.or(resideInAnyPackage(feature + "..", "io.idempotency.store..")))
			.check(MAIN);
	}

	@Test
	void supportForTestsSeesStoreInMemoryAlone() {
		classes().that()
			.resideInAPackage("io.idempotency.test..")
			.should()
			.onlyDependOnClassesThat(resideOutsideOfPackages("io.idempotency..")
				.or(resideInAnyPackage("io.idempotency.test..", "io.idempotency.memory..")))
			.check(MAIN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "io.idempotency.memory", "io.idempotency.redis", "io.idempotency.jdbc",
			"io.idempotency.encryption", "io.idempotency.forms", "io.idempotency.openapi", "io.idempotency.metrics",
			"io.idempotency.actuate", "io.idempotency.kafka", "io.idempotency.rabbit", "io.idempotency.jms",
			"io.idempotency.test" })
	void nobodySeesFeature(String feature) {
		noClasses().that()
			.resideOutsideOfPackages(feature + "..", "io.idempotency.test..")
			.should()
			.dependOnClassesThat(resideInAnyPackage(feature + ".."))
			.check(MAIN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "io.idempotency.rabbit", "io.idempotency.jms" })
	void brokerSeesMethodsAndHowTheyAreProtected(String broker) {
		classes().that()
			.resideInAPackage(broker + "..")
			.should()
			.onlyDependOnClassesThat(resideOutsideOfPackages("io.idempotency..").or(resideInAnyPackage(broker + "..",
					"io.idempotency", "io.idempotency.method..", "io.idempotency.policy..", "io.idempotency.engine..")))
			.check(MAIN);
		classes().that()
			.resideInAPackage(broker + "..")
			.and()
			.haveSimpleNameNotEndingWith("IdempotencyAutoConfiguration")
			.should()
			.notBePublic()
			.check(MAIN);
	}

	@Test
	void clientSeesNothingOfServerButContextOfHandler() {
		classes().that()
			.resideInAPackage("io.idempotency.client..")
			.should()
			.onlyDependOnClassesThat(resideOutsideOfPackages("io.idempotency..", "jakarta.servlet..")
				.or(resideInAnyPackage("io.idempotency", "io.idempotency.client..")))
			.check(MAIN);
		noClasses().that()
			.resideOutsideOfPackage("io.idempotency.client..")
			.should()
			.dependOnClassesThat(resideInAnyPackage("io.idempotency.client.."))
			.check(MAIN);
	}

	@Test
	void onlyWhatApplicationsUseIsPublicInClient() {
		classes().that()
			.resideInAPackage("io.idempotency.client")
			.and()
			.areTopLevelClasses()
			.and(named(PUBLIC_IN_CLIENT).negate())
			.should()
			.notBePublic()
			.check(MAIN);
	}

	@Test
	void actuatorSeesNoOtherFeature() {
		classes().that()
			.resideInAPackage("io.idempotency.actuate..")
			.should()
			.onlyDependOnClassesThat(resideOutsideOfPackages("io.idempotency..")
				.or(resideInAnyPackage("io.idempotency.actuate..", "io.idempotency.engine..", "io.idempotency.store..",
						"io.idempotency.web..", "io.idempotency.policy..")))
			.check(MAIN);
	}

	@ParameterizedTest
	@ValueSource(strings = "io.idempotency.kafka")
	void brokerSeesMethodsAndNoOtherFeature(String broker) {
		classes().that()
			.resideInAPackage(broker + "..")
			.should()
			.onlyDependOnClassesThat(resideOutsideOfPackages("io.idempotency..").or(resideInAnyPackage("io.idempotency",
					broker + "..", "io.idempotency.method..", "io.idempotency.policy..", "io.idempotency.engine..")))
			.check(MAIN);
		classes().that()
			.resideInAPackage(broker + "..")
			.and()
			.haveSimpleNameNotEndingWith("IdempotencyAutoConfiguration")
			.should()
			.notBePublic()
			.check(MAIN);
	}

	@Test
	void metricsSeeEngineAlone() {
		classes().that()
			.resideInAPackage("io.idempotency.metrics..")
			.should()
			.onlyDependOnClassesThat(resideOutsideOfPackages("io.idempotency..").or(resideInAnyPackage(
					"io.idempotency.metrics..", "io.idempotency.engine..", "io.idempotency.store..")))
			.check(MAIN);
	}

	@Test
	void librariesAreConfinedToTheirFeature() {
		confine("io.idempotency.redis..", "io.lettuce..", "redis.clients..", "org.springframework.data..",
				"org.springframework.boot.data.redis..");
		confine("io.idempotency.jdbc..", "java.sql..", "javax.sql..", "org.springframework.jdbc..",
				"org.springframework.dao..");
		confine(new String[] { "io.idempotency.jdbc..", "io.idempotency.method.." },
				"org.springframework.transaction..");
		confine("io.idempotency.metrics..", "io.micrometer..");
		confine("io.idempotency.actuate..", "org.springframework.boot.actuate..", "org.springframework.boot.health..");
		confine("io.idempotency.encryption..", "javax.crypto..");
		confine("io.idempotency.client..", "reactor..", "org.springframework.core.retry..",
				"org.springframework.web.client..", "org.springframework.web.reactive..",
				"org.springframework.boot.restclient..", "org.springframework.boot.webclient..");
		confine("io.idempotency.kafka..", "org.apache.kafka..", "org.springframework.kafka..");
		confine("io.idempotency.openapi..", "org.springdoc..", "io.swagger..");
		confine("io.idempotency.rabbit..", "org.springframework.amqp..", "com.rabbitmq..");
		confine("io.idempotency.jms..", "org.springframework.jms..", "jakarta.jms..");
		confine(new String[] { "io.idempotency.web..", "io.idempotency.client..", "io.idempotency.method..",
				"io.idempotency.step..", "io.idempotency.result.." }, "tools.jackson..");
		confine(new String[] { "io.idempotency.web..", "io.idempotency.client..", "io.idempotency.openapi..",
				"io.idempotency.actuate.." }, "org.springframework.http..");
		confine("io.idempotency.test..", "org.springframework.test..", "org.springframework.mock..");
		confine(new String[] { "io.idempotency.web..", "io.idempotency.forms..", "io.idempotency.test.." },
				"jakarta.servlet..");
		confine(new String[] { "io.idempotency.web..", "io.idempotency.forms..", "io.idempotency.client..",
				"io.idempotency.openapi..", "io.idempotency.actuate..", "io.idempotency.test.." },
				"org.springframework.web..");
	}

	private static void confine(String feature, String... libraries) {
		confine(new String[] { feature }, libraries);
	}

	private static void confine(String[] features, String... libraries) {
		noClasses().that()
			.resideOutsideOfPackages(features)
			.should()
			.dependOnClassesThat(resideInAnyPackage(libraries))
			.check(MAIN);
	}

	@Test
	void nobodyUsesOlderJackson() {
		noClasses().should()
			.dependOnClassesThat(resideInAnyPackage("com.fasterxml.jackson.core..", "com.fasterxml.jackson.databind.."))
			.check(MAIN);
	}

	@Test
	void onlyWhatApplicationsUseIsPublicInWeb() {
		classes().that()
			.resideInAPackage("io.idempotency.web")
			.and()
			.areTopLevelClasses()
			.and(named(PUBLIC_IN_WEB).negate())
			.should()
			.notBePublic()
			.check(MAIN);
	}

	@Test
	void onlyWhatApplicationsUseIsPublicInStoreImplementations() {
		classes().that()
			.resideInAnyPackage("io.idempotency.memory", "io.idempotency.redis", "io.idempotency.jdbc")
			.and()
			.haveSimpleNameNotEndingWith("IdempotencyAutoConfiguration")
			.and()
			.haveSimpleNameNotEndingWith("IdempotencyStore")
			.and()
			.doNotHaveSimpleName("MemoryStoreClock")
			.and()
			.doNotHaveSimpleName("RenewalDataSource")
			.should()
			.notBePublic()
			.check(MAIN);
	}

	@Test
	void autoConfigurationsArePublicAndFinalWithoutPublicMembers() {
		classes().that(annotatedWith("org.springframework.boot.autoconfigure.AutoConfiguration"))
			.should()
			.bePublic()
			.andShould()
			.haveModifier(JavaModifier.FINAL)
			.check(MAIN);
		assertThat(MAIN.that(annotatedWith("org.springframework.boot.autoconfigure.AutoConfiguration")))
			.hasSizeGreaterThan(2)
			.allSatisfy((configuration) -> assertThat(configuration.getMethods())
				.noneMatch((method) -> method.getModifiers().contains(JavaModifier.PUBLIC)));
	}

	@Test
	void packagesSayThatTypesAreInternal() throws Exception {
		for (JavaClass type : MAIN.that(isInternal())) {
			if (type.getModifiers().contains(JavaModifier.PUBLIC)) {
				Path description = Path.of("src/main/java", type.getPackageName().replace('.', '/'),
						"package-info.java");
				assertThat(description).content().contains("of this library");
			}
		}
	}

	@Test
	void internalsAreThere() throws Exception {
		assertThat(internals()).allSatisfy((name) -> assertThat(MAIN)
			.anyMatch((type) -> type.getName().equals(name) || type.getPackageName().equals(name)));
	}

	@Test
	void applicationsSeeNoInternals() throws Exception {
		DescribedPredicate<JavaClass> internal = isInternal();
		for (JavaClass type : MAIN.that(DescribedPredicate.not(internal))) {
			if (isVisible(type)) {
				Stream<JavaClass> seen = type.getMembers()
					.stream()
					.filter((member) -> isVisible(member.getModifiers()))
					.flatMap((member) -> member.getAllInvolvedRawTypes().stream());
				assertThat(seen.distinct().filter(internal)).as(type.getName()).isEmpty();
			}
		}
	}

	private static boolean isVisible(JavaClass type) {
		return isVisible(type.getModifiers())
				&& type.getEnclosingClass().map(ArchitectureTests::isVisible).orElse(true);
	}

	private static boolean isVisible(Set<JavaModifier> modifiers) {
		return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
	}

	/**
	 * What is public, but no API: what is left out of the comparison with the last
	 * release.
	 */
	private static DescribedPredicate<JavaClass> isInternal() throws Exception {
		List<String> internals = internals();
		return DescribedPredicate.describe("internal", (type) -> internals.contains(type.getPackageName())
				|| internals.contains(type.getName().replaceFirst("\\$.*", "")));
	}

	private static List<String> internals() throws Exception {
		NodeList excludes = (NodeList) XPathFactory.newInstance()
			.newXPath()
			.evaluate("//plugin[artifactId='japicmp-maven-plugin']//exclude",
					new InputSource(Path.of("pom.xml").toUri().toString()), XPathConstants.NODESET);
		return IntStream.range(0, excludes.getLength()).mapToObj((i) -> excludes.item(i).getTextContent()).toList();
	}

	private static DescribedPredicate<JavaClass> in(String... packages) {
		return resideInAnyPackage(EVERYWHERE).or(resideInAnyPackage(packages));
	}

	private static DescribedPredicate<JavaClass> named(String... simpleNames) {
		return DescribedPredicate.describe("named " + String.join(" or ", simpleNames),
				(type) -> Stream.of(simpleNames).anyMatch(type.getSimpleName()::equals));
	}

}
