package io.idempotency.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.idempotency.engine.RequestOutcome;
import io.idempotency.web.IdempotencyException.Reason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The documentation names what there is, and nothing else.
 */
@Tag("quick")
class DocumentationTests {

	private static final Path ROOT = Path.of("..");

	private static final Path REFERENCE = ROOT.resolve("docs/reference.md");

	private static final Pattern ROW = Pattern.compile("^\\| `([a-z.-]+)` \\| ([^|]*) \\|", Pattern.MULTILINE);

	private static final Pattern MESSAGE = Pattern.compile("`((?:[A-Z][a-z]+|@Idempotent) [^`]+)`");

	private static final Pattern RULE = Pattern.compile("(?m)^- \\*\\*([A-Z][0-9]+a?)\\*\\* ");

	private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]*)(?:#([^)]*))?\\)");

	private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

	private static final Pattern NAME = Pattern.compile("`(idempotency\\.[a-z.-]+)(=[^`]*)?`");

	private static final Pattern EXTERNAL = Pattern.compile("https?://.*");

	@Test
	void referenceHasEveryPropertyAndNoOther() {
		assertThat(documentedProperties().keySet())
			.containsExactlyInAnyOrderElementsOf(ConfigurationMetadataTests.readProperties().keySet());
	}

	@Test
	void referenceHasTheDefaults() {
		Map<String, String> documented = documentedProperties();
		ConfigurationMetadataTests.readProperties().forEach((name, property) -> {
			if (property.has("defaultValue")) {
				assertThat(documented.get(name)).as("default of %s", name)
					.contains("`" + text(property.get("defaultValue")) + "`");
			}
		});
	}

	private static String text(JsonNode value) {
		String text = value.isArray() ? value.valueStream().map(JsonNode::asString).collect(Collectors.joining(", "))
				: value.asString();
		return text.replaceAll("^\\[|]$", "");
	}

	@Test
	void everyPropertyInTheTextsExists() throws IOException {
		Set<String> known = new TreeSet<>(ConfigurationMetadataTests.readProperties().keySet());
		known.addAll(names(section(read(REFERENCE), "Metrics")));
		for (Path page : pages()) {
			assertThat(names(read(page))).as("names in %s", page)
				.allMatch((name) -> known.stream().anyMatch((property) -> property.startsWith(name)));
		}
	}

	@Test
	void everyLinkLeadsSomewhere() throws IOException {
		for (Path page : pages()) {
			for (MatchResult link : matches(LINK, read(page))) {
				if (EXTERNAL.matcher(link.group(1)).matches()) {
					continue;
				}
				Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
				assertThat(target).as("link %s in %s", link.group(), page).exists();
				if (link.group(2) != null) {
					assertThat(anchors(target)).as("link %s in %s", link.group(), page).contains(link.group(2));
				}
			}
		}
	}

	/**
	 * The anchors that {@code idempotency.problem-base-uri} points to.
	 */
	@Test
	void everyProblemTypeHasItsSection() {
		assertThat(anchors(REFERENCE)).containsAll(Stream.of(Reason.values()).map(Reason::slug).toList());
	}

	@Test
	void everyOutcomeOfRequestIsExplained() {
		assertThat(Stream.of(RequestOutcome.values()).map((outcome) -> "`" + outcome + "`"))
			.allMatch(section(read(REFERENCE), "Events")::contains);
	}

	/**
	 * A test names a rule in its display name or in a comment.
	 */
	@Test
	void everyRuleOfContractHasTest() throws IOException {
		List<String> rules = matches(RULE, read(Path.of("../docs/contract.md"))).stream()
			.map((rule) -> rule.group(1))
			.toList();
		assertThat(rules).hasSizeGreaterThan(90).doesNotHaveDuplicates();
		StringBuilder tests = new StringBuilder();
		for (String module : List.of(".", "../sample-app")) {
			try (Stream<Path> files = Files.walk(Path.of(module, "src/test/java"))) {
				files.filter((file) -> file.toString().endsWith(".java"))
					.map(DocumentationTests::read)
					.forEach(tests::append);
			}
		}
		assertThat(rules).allMatch((rule) -> Pattern.compile("\\b" + rule + "\\b").matcher(tests).find());
	}

	/**
	 * A dot dot dot stands for what differs from one message to the next, and numbers for
	 * those of the reader.
	 */
	@Test
	void everyMessageInTroubleshootingExists() throws IOException {
		StringBuilder code = new StringBuilder();
		try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
			files.filter((file) -> file.toString().endsWith(".java"))
				.map(DocumentationTests::read)
				.forEach(code::append);
		}
		String messages = code.toString().replaceAll("\"\\s*\\+\\s*\"", "");
		List<String> parts = matches(MESSAGE, read(ROOT.resolve("docs/troubleshooting.md"))).stream()
			.flatMap((quote) -> Stream.of(quote.group(1).replace('\n', ' ').split("…|'.*?'|30(?=s|m|h)")))
			.map(String::strip)
			.filter((part) -> part.split(" ").length > 3)
			.toList();
		assertThat(parts).hasSizeGreaterThan(25).allMatch(messages::contains);
	}

	/**
	 * The comments of a script are for those who read the table.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "postgresql", "mariadb", "mysql" })
	void gettingStartedShowsScripts(String dialect) throws IOException {
		String script = new ClassPathResource("io/idempotency/jdbc/schema-v1-" + dialect + ".sql")
			.getContentAsString(StandardCharsets.UTF_8);
		String statements = script.lines()
			.filter((line) -> !line.startsWith("--"))
			.collect(Collectors.joining("\n"))
			.strip();
		assertThat(read(ROOT.resolve("docs/getting-started.md"))).contains("```sql\n" + statements + "\n```");
	}

	private static Map<String, String> documentedProperties() {
		Map<String, String> properties = new TreeMap<>();
		matches(ROW, section(read(REFERENCE), "Properties"))
			.forEach((row) -> properties.put("idempotency." + row.group(1), row.group(2)));
		return properties;
	}

	private static Set<String> names(String text) {
		return matches(NAME, text).stream().map((name) -> name.group(1)).collect(Collectors.toCollection(TreeSet::new));
	}

	private static String section(String text, String title) {
		int start = text.indexOf("\n## " + title + "\n");
		assertThat(start).as("section %s", title).isNotNegative();
		int end = text.indexOf("\n## ", start + 1);
		return text.substring(start, (end < 0) ? text.length() : end);
	}

	private static Set<String> anchors(Path page) {
		return matches(HEADING, read(page)).stream()
			.map((heading) -> heading.group(1)
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^a-z0-9 _-]", "")
				.replace(' ', '-'))
			.collect(Collectors.toSet());
	}

	private static List<Path> pages() throws IOException {
		try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
			List<Path> pages = new ArrayList<>(docs.filter((page) -> page.toString().endsWith(".md")).toList());
			Stream.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
				.map(ROOT::resolve)
				.forEach(pages::add);
			return pages;
		}
	}

	private static List<MatchResult> matches(Pattern pattern, String text) {
		Matcher matcher = pattern.matcher(text);
		return matcher.results().toList();
	}

	private static String read(Path page) {
		try {
			return Files.readString(page);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
