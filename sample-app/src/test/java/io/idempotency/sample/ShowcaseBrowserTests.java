package io.idempotency.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The page at {@code /} in Chromium. Pictures are left in {@code target/screenshots}; the
 * system property {@code showcase.picture} names another file for the one of the README.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@EnabledIf(value = "io.idempotency.sample.Chromium#isInstalled",
		disabledReason = "There is no browser: apt-get install chromium chromium-driver")
class ShowcaseBrowserTests {

	private static ChromeDriver browser;

	@LocalServerPort
	private int port;

	@Autowired
	private PaymentService payments;

	@Autowired
	private OrderLedger orders;

	@Autowired
	private ProviderLedger charges;

	@Autowired
	private Gate gate;

	@BeforeAll
	static void startBrowser(@TempDir Path userData) {
		browser = Chromium.start(userData);
	}

	@AfterAll
	static void stopBrowser() {
		browser.quit();
	}

	@Test
	void tellsStoryOfTenClicksAndOneCharge() throws IOException {
		open(1280, 800, false);
		int refusals = number("refusals");
		int runs = number("runs");

		click("pay");
		awaitAnswers("201 Pay");
		assertThat(text(answer(0))).contains("Paid 12.50 EUR").doesNotContain("Idempotent-Replayed");
		await().untilAsserted(() -> assertThat(record()).isEqualTo("1 0 0 completed"));
		assertThat(browser.findElement(By.id("pay")).getText()).isEqualTo("Send it again");

		click("pay");
		awaitAnswers("201 Again", "201 Pay");
		assertThat(text(answer(0))).contains("Idempotent-Replayed: true", "Paid 12.50 EUR");
		await().untilAsserted(() -> assertThat(record()).isEqualTo("1 1 0 completed"));
		assertThat(ledger()).hasSize(1);

		type("reference", "Order 4712");
		click("ten");
		await().untilAsserted(() -> assertThat(answers()).hasSize(12).noneMatch((line) -> line.startsWith("…")));
		assertThat(browser.findElements(By.cssSelector("#answers .ran"))).hasSize(2);
		assertThat(browser.findElements(By.cssSelector("#answers .replayed, #answers .refused"))).hasSize(10);
		await().untilAsserted(() -> assertThat(record()).matches("1 (9 0|\\d \\d) completed"));
		assertThat(ledger()).hasSize(2);
		assertThat(ledger().get(0)).contains("Order 4712", "12.50 EUR");

		click("other");
		awaitAnswer("422 Other amount");
		assertThat(text(answer(0))).contains("22.50 EUR", "The idempotency key was used for another request",
				"Send a new key for a new operation, or repeat the first request unchanged.");
		await().untilAsserted(() -> assertThat(number("refusals")).isEqualTo(refusals + 1));

		type("reference", "Order 4713");
		giveUpWaiting();
		assertThat(ledger()).hasSize(3);
		assertThat(this.payments.newestFirst()).hasSize(3);

		click("pay");
		awaitAnswer("201 Again");
		assertThat(text(answer(0))).contains("Idempotent-Replayed: true");

		click("keyless");
		click("keyless");
		await().untilAsserted(() -> assertThat(ledger()).hasSize(5));
		await().untilAsserted(() -> assertThat(number("charges")).isEqualTo(5));
		assertThat(number("runs")).isEqualTo(runs + 5);
		assertThat(number("requests")).isEqualTo(number("runs") + number("replays") + number("refusals"));
		takePicture("showcase-end");
		fitsPhone();

		assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).extracting(LogEntry::getMessage)
			.allMatch((message) -> message.contains("/showcase/payments") && message.contains("status of 422"))
			.hasSize(1);
	}

	@Test
	void resumesOrderThatWasCutOff() throws IOException {
		open(1280, 800, false);
		assertThat(browser.findElement(By.id("order-again")).isEnabled()).isFalse();

		click("cut-off");
		awaitAnswers("503 Order, cut off");
		assertThat(text(answer(0))).contains("Cut off after the step 'capture', as you asked for.");
		awaitSteps("reserve ran", "capture ran", "book not taken");
		List<UUID> charged = charges();

		click("order-again");
		awaitAnswers("201 Order again", "503 Order, cut off");
		assertThat(text(answer(0))).contains("Ordered for 12.50 EUR").doesNotContain("Idempotent-Replayed");
		awaitSteps("reserve resumed", "capture resumed", "book ran");
		assertThat(charges()).isEqualTo(charged);
		takePicture("showcase-order");

		click("order-again");
		awaitAnswers("201 Order again", "201 Order again", "503 Order, cut off");
		assertThat(text(answer(0))).contains("Idempotent-Replayed: true");

		click("order");
		awaitAnswer("201 Order");
		awaitSteps("reserve ran", "capture ran", "book ran");
		assertThat(charges()).hasSize(charged.size() + 1);
		assertThat(this.orders.newestFirst().stream().map(Order::charge).toList()).isEqualTo(charges());
		assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).extracting(LogEntry::getMessage)
			.allMatch((message) -> message.contains("/orders") && message.contains("status of 503"))
			.hasSize(1);
	}

	private static void awaitSteps(String... steps) {
		await().untilAsserted(() -> assertThat(texts("""
				return [...document.querySelectorAll('#steps li')].map((step) => step.textContent)
				""")).containsExactly(steps));
	}

	private List<UUID> charges() {
		return this.charges.newestFirst().stream().map(Charge::id).toList();
	}

	/**
	 * A payment that is slow, and a retry whose sender leaves.
	 */
	private void giveUpWaiting() throws IOException {
		this.gate.close();
		type("delay", "1");
		click("slow");
		awaitAnswer("… Slowly");
		await().untilAsserted(() -> assertThat(record()).isEqualTo("1 0 0 in progress"));
		click("pay");
		awaitAnswer("… Again");
		await().untilAsserted(() -> assertThat(number("waiting")).isOne());
		type("delay", "4");
		await().untilAsserted(() -> assertThat(answer(0).findElement(By.className("time")).getText()).endsWith(" s"));
		takePicture("showcase");
		answer(0).findElement(By.tagName("button")).click();
		awaitAnswer("left Again");
		assertThat(text(answer(0))).contains("You did not wait for the answer.");
		assertThat(answers().get(1)).isEqualTo("… Slowly");
		assertThat(record()).isEqualTo("1 0 0 in progress");
		this.gate.open();
		await().untilAsserted(() -> assertThat(answers()).startsWith("left Again", "201 Slowly"));
		await().untilAsserted(() -> assertThat(record()).isEqualTo("1 1 0 completed"));
	}

	private void fitsPhone() throws IOException {
		open(390, 844, true);
		click("pay");
		await().untilAsserted(() -> assertThat(text(browser.findElement(By.id("announcement"))))
			.isEqualTo("Request 1: 201. Charged."));
		await().untilAsserted(() -> assertThat(ledger()).hasSize(6));
		assertThat(browser.executeScript("return document.documentElement.scrollWidth")).isEqualTo(390L);
		takePicture("showcase-phone");
	}

	private void open(int width, int height, boolean mobile) {
		browser.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", mobile));
		browser.get("http://localhost:" + this.port + "/");
		await().until(() -> !browser.findElement(By.id("store")).getText().isEmpty());
	}

	private static void click(String id) {
		browser.findElement(By.id(id)).click();
	}

	private static void type(String id, String value) {
		WebElement input = browser.findElement(By.id(id));
		input.clear();
		input.sendKeys(value);
	}

	private static void awaitAnswers(String... lines) {
		await().untilAsserted(() -> assertThat(answers()).containsExactly(lines));
	}

	private static void awaitAnswer(String newest) {
		await().untilAsserted(() -> assertThat(answers()).startsWith(newest));
	}

	/**
	 * Returns the statuses and labels of the answers, the newest first.
	 */
	private static List<String> answers() {
		return texts("""
				return [...document.querySelectorAll('#answers > li')]
				  .map((row) => row.querySelector('.status').textContent + ' ' + row.querySelector('b').textContent)
				""");
	}

	private static WebElement answer(int index) {
		return browser.findElements(By.cssSelector("#answers > li")).get(index);
	}

	private static String text(WebElement element) {
		return Objects.requireNonNull(element.getText());
	}

	/**
	 * Returns the numbers of the key in the form, and the state of its record.
	 */
	private static String record() {
		return String.join(" ", texts("""
				return [...document.querySelectorAll('#records .this .number, #records .this .state')]
				  .slice(0, 4).map((cell) => cell.textContent)
				"""));
	}

	private static List<String> ledger() {
		return texts("""
				return [...document.querySelectorAll('#ledger tr')].map((row) => row.textContent)
				""");
	}

	/**
	 * Asks the page in one step, since it changes all the time.
	 */
	private static List<String> texts(String script) {
		List<String> texts = new ArrayList<>();
		((List<?>) Objects.requireNonNull(browser.executeScript(script))).forEach((text) -> texts.add((String) text));
		return texts;
	}

	private static int number(String id) {
		return Integer.parseInt(text(browser.findElement(By.id(id))));
	}

	private static void takePicture(String name) throws IOException {
		browser.executeScript("document.activeElement.blur()");
		new Actions(browser).moveToLocation(1, 1).perform();
		byte[] picture = browser.getScreenshotAs(OutputType.BYTES);
		Path directory = Files.createDirectories(Path.of("target", "screenshots"));
		Files.write(directory.resolve(name + ".png"), picture);
		String file = System.getProperty("showcase.picture");
		if (file != null && name.equals("showcase")) {
			Files.write(Path.of(file), picture);
		}
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Gated {

		@Bean
		Gate gate() {
			return new Gate();
		}

		@Bean
		@Primary
		PaymentService gatedPaymentService(PaymentLedger ledger, Gate gate) {
			return new GatedPaymentService(ledger, gate);
		}

	}

	/**
	 * The service, which takes no payment while the gate is closed.
	 */
	static class GatedPaymentService extends PaymentService {

		private final Gate gate;

		GatedPaymentService(PaymentLedger ledger, Gate gate) {
			super(ledger);
			this.gate = gate;
		}

		@Override
		Payment pay(PaymentRequest request) {
			this.gate.pass();
			return super.pay(request);
		}

	}

	static class Gate {

		private volatile CountDownLatch open = new CountDownLatch(0);

		void close() {
			this.open = new CountDownLatch(1);
		}

		void open() {
			this.open.countDown();
		}

		void pass() {
			try {
				assertThat(this.open.await(60, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
