package io.idempotency.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;

import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Looks at a page as it is now in light and dark, on a desktop's screen and on a phone's:
 * axe has to find nothing, nothing may be cut off, and pictures are left in
 * {@code target/screenshots}.
 */
final class PageReview {

	/**
	 * The width of a phone's screen.
	 */
	static final int PHONE = 390;

	private static final int DESKTOP = 1280;

	private static final Path SCREENSHOTS = Path.of("target", "screenshots");

	/**
	 * Leaves out what is in an element that can be scrolled, and what only screen readers
	 * see.
	 */
	private static final String CUT_OFF = """
			const isIn = (element, has) => element !== null && (has(getComputedStyle(element)) || isIn(element.parentElement, has));
			const scrolls = (style) => ['auto', 'scroll'].includes(style.overflowY);
			const hides = (style) => style.clipPath !== 'none';
			const floats = (style) => style.position === 'fixed';
			return [...document.querySelectorAll('body *')]
			  .filter((element) => element.checkVisibility() && !isIn(element.parentElement, scrolls) && !isIn(element, hides))
			  .filter((element) => {
			    const box = element.getBoundingClientRect();
			    const card = isIn(element, floats) ? document.body : element.parentElement.closest('.card, .tiles, body');
			    const frame = card.getBoundingClientRect();
			    return box.right > Math.min(frame.right, innerWidth) + 0.5 || box.bottom > frame.bottom + 0.5;
			  })
			  .map((element) => element.outerHTML.slice(0, 120));
			""";

	private static final String AXE = """
			const done = arguments[arguments.length - 1];
			axe.run().then((results) => done(results.violations.flatMap((rule) =>
			  rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`))), (error) => done([`${error}`]));
			""";

	private PageReview() {
	}

	/**
	 * Reviews a page, and leaves the browser as it was.
	 * @param name what its pictures are called
	 */
	static void review(ChromeDriver browser, String name) {
		browser.executeScript(axe());
		for (boolean dark : new boolean[] { false, true }) {
			for (int width : new int[] { DESKTOP, PHONE }) {
				show(browser, width, dark);
				String as = name + (dark ? "-dark-" : "-light-") + width;
				assertThat(texts(browser.executeScript(CUT_OFF))).as("cut off in " + as).isEmpty();
				assertThat(texts(browser.executeAsyncScript(AXE))).as("found by axe in " + as).isEmpty();
				takePicture(browser, SCREENSHOTS.resolve(as + ".png"));
			}
		}
		browser.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
		browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
	}

	private static void show(ChromeDriver browser, int width, boolean dark) {
		setDark(browser, dark);
		setScreen(browser, width, (width == PHONE) ? 844 : 800);
		Long height = (Long) Objects.requireNonNull(browser
			.executeScript("scrollTo(0, 0); return Math.max(innerHeight, document.documentElement.scrollHeight)"));
		setScreen(browser, width, height.intValue());
	}

	static void setScreen(ChromeDriver browser, int width, int height) {
		browser.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width == PHONE));
	}

	static void setDark(ChromeDriver browser, boolean dark) {
		browser.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
	}

	/**
	 * Writes a picture without a focus ring or a mouse pointer's traces.
	 */
	static void takePicture(ChromeDriver browser, Path file) {
		browser.executeScript("document.activeElement.blur()");
		new Actions(browser).moveToLocation(1, 1).perform();
		try {
			Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
			Files.write(file, browser.getScreenshotAs(OutputType.BYTES));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String axe() {
		try {
			return new ClassPathResource("axe.min.js").getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the texts that a script has found.
	 */
	static List<String> texts(Object found) {
		List<String> texts = new ArrayList<>();
		((List<?>) Objects.requireNonNull(found)).forEach((text) -> texts.add((String) text));
		return texts;
	}

}
