package io.idempotency.sample;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The page at {@code /} in Chromium. Pictures are left in {@code target/screenshots}; the
 * system property {@code showcase.picture} names another file for the one of the README,
 * which gets a dark one beside it.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		// Longer than a review of the page takes while a request waits.
		properties = "idempotency.wait-timeout=2m")
@EnabledIf(value = "io.idempotency.sample.Chromium#isInstalled",
		disabledReason = "There is no browser: apt-get install chromium chromium-driver")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
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

	@BeforeEach
	void forgetLog() {
		browser.manage().logs().get(LogType.BROWSER);
	}

	@AfterAll
	static void stopBrowser() {
		browser.quit();
	}

	/**
	 * The first, so that the README's picture shows nothing else.
	 */
	@Test
	@org.junit.jupiter.api.Order(1)
	void tellsStoryOfTenClicksAndOneCharge() {
		open(1280, 800);
		int refusals = number("refusals");
		int runs = number("runs");
		int charges = number("charges");
		int payments = this.payments.newestFirst().size();
		int paid = payments + charges().size();
		PageReview.review(browser, "showcase-empty");
		open(1280, 800);

		click("pay");
		awaitAnswers("201 Pay");
		assertThat(text(answer(0))).contains("Paid 12.50 EUR").doesNotContain("Idempotent-Replayed");
		await().untilAsserted(() -> assertThat(record()).isEqualTo("1 0 0 completed"));
		assertThat(browser.findElement(By.id("pay")).getText()).isEqualTo("Send it again");

		click("pay");
		awaitAnswers("201 Again", "201 Pay");
		assertThat(text(answer(0))).contains("Idempotent-Replayed: true", "Paid 12.50 EUR");
		await().untilAsserted(() -> assertThat(record()).isEqualTo("1 1 0 completed"));
		assertThat(ledger()).hasSize(paid + 1);

		type("reference", "Order 4712");
		click("ten");
		await().untilAsserted(() -> assertThat(answers()).hasSize(12).noneMatch((line) -> line.startsWith("…")));
		assertThat(browser.findElements(By.cssSelector("#answers .ran"))).hasSize(2);
		assertThat(browser.findElements(By.cssSelector("#answers .replayed, #answers .refused"))).hasSize(10);
		await().untilAsserted(() -> assertThat(record()).matches("1 (9 0|\\d \\d) completed"));
		assertThat(ledger()).hasSize(paid + 2);
		assertThat(ledger().get(0)).contains("Order 4712", "payment", "12.50 EUR");

		click("other");
		awaitAnswer("422 Other amount");
		assertThat(text(answer(0))).contains("22.50 EUR", "The idempotency key was used for another request",
				"Send a new key for a new operation, or repeat the first request unchanged.");
		await().untilAsserted(() -> assertThat(number("refusals")).isEqualTo(refusals + 1));

		type("reference", "Order 4713");
		giveUpWaiting();
		assertThat(ledger()).hasSize(paid + 3);
		assertThat(this.payments.newestFirst()).hasSize(payments + 3);

		click("pay");
		awaitAnswer("201 Again");
		assertThat(text(answer(0))).contains("Idempotent-Replayed: true");

		click("keyless");
		click("keyless");
		await().untilAsserted(() -> assertThat(ledger()).hasSize(paid + 5));
		await().untilAsserted(() -> assertThat(number("charges")).isEqualTo(charges + 5));
		assertThat(number("runs")).isEqualTo(runs + 5);
		assertThat(number("requests")).isEqualTo(number("runs") + number("replays") + number("refusals"));
		PageReview.review(browser, "showcase-end");
		leadsPhoneToRecords();

		assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).extracting(LogEntry::getMessage)
			.allMatch((message) -> message.contains("/showcase/payments") && message.contains("status of 422"))
			.hasSize(1);
	}

	@Test
	void resumesOrderThatWasCutOff() {
		open(1280, 800);
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
		PageReview.review(browser, "showcase-order");

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

	@Test
	void tellsRunsThatChargedFromOthers() {
		open(1280, 800);
		int runs = number("runs");
		int charges = number("charges");
		int charged = this.payments.newestFirst().size() + charges().size();
		click("pay");
		awaitAnswers("201 Pay");
		refund(this.payments.newestFirst().get(0));
		click("order");
		awaitAnswers("201 Order", "201 Pay");
		type("reference", "   ");
		click("new-key");
		click("pay");
		awaitAnswers("400 Pay", "201 Order", "201 Pay");
		await().untilAsserted(() -> assertThat(number("runs")).isEqualTo(runs + 4));
		assertThat(number("charges")).isEqualTo(charges + 2);
		assertThat(text(browser.findElement(By.id("runs-note")))).contains((charges + 2) + " charged", "1 refunded",
				"1 invalid");
		assertThat(text(browser.findElement(By.id("charges-note")))).contains("payment", "order");
		assertThat(ledger()).hasSize(charged + 2);
		assertThat(ledger().get(0)).contains("order", "12.50 EUR");
		assertThat(ledger().get(1)).contains("payment", "12.50 EUR", "5.00 refunded");
		PageReview.review(browser, "showcase-all");
	}

	private void refund(Payment payment) {
		Object status = browser.executeAsyncScript("""
				const done = arguments[arguments.length - 1];
				const headers = {'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID()};
				fetch(`payments/${arguments[0]}/refunds`, {method: 'POST', headers, body: '{"amount": "5.00"}'})
				  .then((response) => done(response.status));
				""", payment.id().toString());
		assertThat(status).isEqualTo(201L);
	}

	@Test
	void doesNotShowWhatRanWhenServerWasThere() {
		open(1280, 800);
		this.gate.close();
		click("pay");
		await().untilAsserted(() -> assertThat(text(browser.findElement(By.id("runs-note")))).contains("1 now"));
		click("pay");
		await().untilAsserted(() -> assertThat(number("waiting")).isOne());
		network(false);
		await().untilAsserted(
				() -> assertThat(text(browser.findElement(By.id("store")))).isEqualTo("The server does not answer"));
		assertThat(text(browser.findElement(By.id("runs-note")))).doesNotContain("now");
		assertThat(text(browser.findElement(By.id("waiting")))).isEqualTo("–");
		assertThat(record()).isEqualTo("0 0 0 unknown");
		assertThat(text(browser.findElement(By.id("records-note")))).matches("as the store had them at [\\d:]{8}");
		PageReview.review(browser, "showcase-offline");
		network(true);
		await()
			.untilAsserted(() -> assertThat(text(browser.findElement(By.id("store")))).isEqualTo("Records in: memory"));
		this.gate.open();
		await().untilAsserted(() -> assertThat(record()).startsWith("1 ").endsWith(" completed"));
	}

	private static void network(boolean there) {
		browser.executeCdpCommand("Network.enable", Map.of());
		browser.executeCdpCommand("Network.emulateNetworkConditions",
				Map.of("offline", !there, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
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
	private void giveUpWaiting() {
		this.gate.close();
		type("delay", "1");
		click("slow");
		awaitAnswer("… Slowly");
		await().untilAsserted(() -> assertThat(record()).isEqualTo("0 0 0 in progress"));
		click("pay");
		awaitAnswer("… Again");
		await().untilAsserted(() -> assertThat(number("waiting")).isOne());
		type("delay", "4");
		await().untilAsserted(() -> assertThat(answer(0).findElement(By.className("time")).getText()).endsWith(" s"));
		takePictureForReadme();
		answer(0).findElement(By.tagName("button")).click();
		awaitAnswer("left Again");
		assertThat(text(answer(0))).contains("You did not wait for the answer.");
		assertThat(answers().get(1)).isEqualTo("… Slowly");
		assertThat(record()).isEqualTo("0 0 0 in progress");
		PageReview.review(browser, "showcase");
		PageReview.setScreen(browser, 1280, 800);
		this.gate.open();
		await().untilAsserted(() -> assertThat(answers()).startsWith("left Again", "201 Slowly"));
		await().untilAsserted(() -> assertThat(record()).isEqualTo("1 1 0 completed"));
	}

	private void leadsPhoneToRecords() {
		open(PageReview.PHONE, 844);
		click("pay");
		WebElement toast = browser.findElement(By.id("announcement"));
		await().untilAsserted(() -> assertThat(text(toast)).isEqualTo("Request 1: 201. Charged."));
		PageReview.takePicture(browser, Path.of("target", "screenshots", "showcase-toast.png"));
		await().untilAsserted(() -> assertThat(text(toast)).isEmpty());
		browser.findElement(By.linkText("Records")).click();
		await().untilAsserted(() -> assertThat(browser.executeScript(
				"""
						const top = document.querySelector('#records').getBoundingClientRect().top;
						return top > document.querySelector('.overview').getBoundingClientRect().bottom && top < innerHeight / 2;
						"""))
			.isEqualTo(true));
		PageReview.takePicture(browser, Path.of("target", "screenshots", "showcase-records.png"));
	}

	private void open(int width, int height) {
		PageReview.setScreen(browser, width, height);
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
		return PageReview.texts(Objects.requireNonNull(browser.executeScript(script)));
	}

	private static int number(String id) {
		return Integer.parseInt(text(browser.findElement(By.id(id))));
	}

	private static void takePictureForReadme() {
		String file = System.getProperty("showcase.picture");
		if (file != null) {
			PageReview.takePicture(browser, Path.of(file));
			PageReview.setDark(browser, true);
			PageReview.takePicture(browser, Path.of(file.replaceFirst("(\\.\\w+)?$", "-dark$1")));
			PageReview.setDark(browser, false);
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
		PaymentService gatedPaymentService(PaymentLedger ledger, ApplicationEventPublisher events, Gate gate) {
			return new GatedPaymentService(ledger, events, gate);
		}

	}

	/**
	 * The service, which takes no payment while the gate is closed.
	 */
	static class GatedPaymentService extends PaymentService {

		private final Gate gate;

		GatedPaymentService(PaymentLedger ledger, ApplicationEventPublisher events, Gate gate) {
			super(ledger, events);
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
