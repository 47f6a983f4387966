package io.idempotency.sample;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The checkout page in Chromium: what an impatient or confused user does. The back button
 * has to load the page again, as it does when the browser did not keep it alive. Each
 * test has a reference of its own. Pictures are left in {@code target/screenshots}.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@EnabledIf(value = "io.idempotency.sample.Chromium#isInstalled",
		disabledReason = "There is no browser: apt-get install chromium chromium-driver")
class CheckoutBrowserTests {

	private static ChromeDriver browser;

	private final String reference = "Order " + UUID.randomUUID().toString().substring(0, 8);

	@LocalServerPort
	private int port;

	@Autowired
	private PaymentService payments;

	@Autowired
	private Submits submits;

	@BeforeAll
	static void startBrowser(@TempDir Path userData) {
		browser = Chromium.start(userData, "--disable-features=BackForwardCache", "--window-size=900,840");
	}

	@AfterAll
	static void stopBrowser() {
		browser.quit();
	}

	@Test
	@DisplayName("W2: a double click charges once, and both clicks get the same receipt")
	void chargesOnceWhenUserClicksTwice() {
		openCheckout();
		fillIn("12.50");
		this.submits.payWhenArrived(2);
		new Actions(browser).click(button()).pause(Duration.ofMillis(500)).click().perform();
		String receipt = receipt();
		await().untilAsserted(() -> assertThat(this.submits.redirects()).containsExactly(receipt, receipt));
		assertThat(receipt).endsWith(onlyPayment().id().toString());
	}

	@Test
	@DisplayName("W2: a reload of the receipt charges nothing")
	void chargesOnceWhenReceiptIsReloaded() {
		openCheckout();
		pay("12.50");
		String receipt = receipt();
		browser.navigate().refresh();
		assertThat(receipt()).isEqualTo(receipt).endsWith(onlyPayment().id().toString());
	}

	@Test
	@DisplayName("W2: the back button and the same form again lead to the same receipt")
	void leadsToSameReceiptWhenFormIsSentAgain() {
		openCheckout();
		pay("12.50");
		String receipt = receipt();
		browser.navigate().back();
		button().click();
		assertThat(receipt()).isEqualTo(receipt).endsWith(onlyPayment().id().toString());
	}

	@Test
	@DisplayName("W3: the back button and changed fields are refused in plain words, after a reload too")
	void refusesChangedForm() {
		openCheckout();
		pay("12.50");
		receipt();
		browser.navigate().back();
		pay("99.00");
		assertRefused();
		PageReview.review(browser, "refused");
		browser.navigate().refresh();
		assertRefused();
		assertThat(onlyPayment().amount()).isEqualTo("12.50");
	}

	@Test
	@DisplayName("W1: a fresh page makes a new payment")
	void paysAgainOnFreshPage() {
		openCheckout();
		fillIn("12.50");
		PageReview.review(browser, "checkout");
		button().click();
		String receipt = receipt();
		PageReview.review(browser, "receipt");
		browser.findElement(By.linkText("New payment")).click();
		pay("12.50");
		assertThat(receipt()).isNotEqualTo(receipt);
		assertThat(ledger()).hasSize(2);
	}

	@Test
	@DisplayName("S1: an invalid form keeps its key for the form that was mended")
	void chargesMendedForm() {
		openCheckout();
		fillIn("12.50");
		type("reference", "   ");
		button().click();
		await().until(() -> status() == 422);
		assertThat(browser.findElement(By.className("error")).getText()).isEqualTo("must not be blank");
		PageReview.review(browser, "invalid");
		browser.navigate().back();
		pay("12.50");
		assertThat(receipt()).endsWith(onlyPayment().id().toString());
	}

	@ParameterizedTest
	@CsvSource({
			"/receipts/5f0c6f4e-0000-4000-8000-000000000000, missing-receipt, There is no receipt with this number.",
			"/receipts/4711, missing-number, There is no receipt with this number.",
			"/chekout, missing-page, There is no page at this address." })
	void answersInPageWhenThereIsNone(String path, String picture, String text) {
		open(path);
		awaitTitle("Not found");
		assertThat(status()).isEqualTo(404);
		assertThat(browser.findElement(By.tagName("main")).getText()).contains(text);
		PageReview.review(browser, picture);
		browser.findElement(By.linkText("New payment")).click();
		awaitTitle("Checkout");
	}

	@Test
	void answersInPageWhenServiceFails() {
		openCheckout();
		this.submits.failNext();
		pay("12.50");
		awaitTitle("Something went wrong");
		assertThat(status()).isEqualTo(500);
		PageReview.review(browser, "failed");
		browser.navigate().back();
		button().click();
		assertThat(receipt()).endsWith(onlyPayment().id().toString());
	}

	@Test
	void leadsHome() {
		openCheckout();
		browser.findElement(By.linkText("Back to the live view")).click();
		awaitTitle("Ten clicks, one charge");
		browser.findElement(By.linkText("The same in a web form")).click();
		awaitTitle("Checkout");
	}

	private void openCheckout() {
		open("/checkout");
	}

	private void open(String path) {
		browser.get("http://localhost:" + this.port + path);
	}

	private void pay(String amount) {
		fillIn(amount);
		button().click();
	}

	private void fillIn(String amount) {
		type("amount", amount);
		type("reference", this.reference);
	}

	private static void type(String field, String value) {
		WebElement input = browser.findElement(By.name(field));
		input.clear();
		input.sendKeys(value);
	}

	private static WebElement button() {
		awaitTitle("Checkout");
		return browser.findElement(By.tagName("button"));
	}

	private static String receipt() {
		awaitTitle("Receipt");
		return Objects.requireNonNull(browser.getCurrentUrl());
	}

	private static void assertRefused() {
		awaitTitle("No receipt");
		assertThat(status()).isEqualTo(422);
		assertThat(browser.findElement(By.tagName("main")).getText())
			.contains("This form was already submitted with other data. Start a new payment.");
	}

	private static void awaitTitle(String title) {
		await().untilAsserted(() -> assertThat(browser.getTitle()).isEqualTo(title));
	}

	private static long status() {
		Object status = browser.executeScript("return performance.getEntriesByType('navigation')[0].responseStatus");
		return (Long) Objects.requireNonNull(status);
	}

	private Payment onlyPayment() {
		assertThat(ledger()).hasSize(1);
		return ledger().get(0);
	}

	private List<Payment> ledger() {
		return this.payments.newestFirst()
			.stream()
			.filter((payment) -> payment.reference().equals(this.reference))
			.toList();
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Observed {

		@Bean
		Submits submits() {
			return new Submits();
		}

		@Bean
		@Primary
		PaymentService heldPaymentService(PaymentLedger ledger, ApplicationEventPublisher events, Submits submits) {
			return new HeldPaymentService(ledger, events, submits);
		}

	}

	/**
	 * The service, which takes its time while a submit is awaited.
	 */
	static class HeldPaymentService extends PaymentService {

		private final Submits submits;

		HeldPaymentService(PaymentLedger ledger, ApplicationEventPublisher events, Submits submits) {
			super(ledger, events);
			this.submits = submits;
		}

		@Override
		Payment pay(PaymentRequest request) {
			this.submits.await();
			return super.pay(request);
		}

	}

	/**
	 * Sees what browsers submit, and where they are sent.
	 */
	@Order(Ordered.HIGHEST_PRECEDENCE)
	static class Submits extends OncePerRequestFilter {

		private final List<String> redirects = new CopyOnWriteArrayList<>();

		private volatile CountDownLatch awaited = new CountDownLatch(0);

		private final AtomicBoolean fails = new AtomicBoolean();

		void payWhenArrived(int count) {
			this.redirects.clear();
			this.awaited = new CountDownLatch(count);
		}

		void failNext() {
			this.fails.set(true);
		}

		List<String> redirects() {
			return this.redirects;
		}

		/**
		 * Waits until all have arrived that are awaited.
		 */
		void await() {
			if (this.fails.getAndSet(false)) {
				throw new IllegalStateException("The service fails, as the test wants it");
			}
			try {
				assertThat(this.awaited.await(10, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		protected boolean shouldNotFilter(HttpServletRequest request) {
			return !request.getMethod().equals("POST");
		}

		@Override
		protected boolean shouldNotFilterAsyncDispatch() {
			return false;
		}

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			if (!isAsyncDispatch(request)) {
				this.awaited.countDown();
			}
			chain.doFilter(request, response);
			if (!isAsyncStarted(request)) {
				this.redirects.add(String.valueOf(response.getHeader(HttpHeaders.LOCATION)));
			}
		}

	}

}
