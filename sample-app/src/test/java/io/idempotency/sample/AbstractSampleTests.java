package io.idempotency.sample;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.assertj.core.api.Condition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.EntityExchangeResult;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.util.MultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the service promises on every store. Each test has a key and a reference of its
 * own.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
abstract class AbstractSampleTests {

	private final String key = UUID.randomUUID().toString();

	private final String reference = "Order " + UUID.randomUUID();

	@Autowired
	private JdbcClient jdbc;

	private RestTestClient client;

	@BeforeEach
	void connect(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@Test
	void paysOnceWhenClientRepeatsItsRequest() {
		Answer first = pay("12.50");
		Answer retry = pay("12.50");
		assertThat(first.status()).isEqualTo(HttpStatus.CREATED);
		assertThat(first.headers().containsHeader("Idempotent-Replayed")).isFalse();
		assertThat(retry.status()).isEqualTo(HttpStatus.CREATED);
		assertThat(retry.headers().getFirst("Idempotent-Replayed")).isEqualTo("true");
		assertThat(retry.headers().getLocation()).isEqualTo(first.headers().getLocation());
		assertThat(retry.body()).isEqualTo(first.body());
		Payment payment = get(first.location(), Payment.class);
		assertThat(payment.amount()).isEqualTo("12.50");
		assertThat(ledger()).containsExactly(payment);
	}

	@Test
	void paysTwiceWithoutKey() {
		assertThat(pay(null, "12.50").status()).isEqualTo(HttpStatus.CREATED);
		assertThat(pay(null, "12.50").status()).isEqualTo(HttpStatus.CREATED);
		assertThat(ledger()).hasSize(2);
	}

	@Test
	void refusesKeyThatPaidAnotherAmount() {
		pay("12.50");
		assertThat(pay("99.00")).satisfies(isProblem(HttpStatus.UNPROCESSABLE_CONTENT, ":key-reused"));
		assertThat(ledger()).singleElement().extracting(Payment::amount).hasToString("12.50");
	}

	@Test
	void leavesKeyFreeWhenRequestIsInvalid() {
		assertThat(pay("-1")).satisfies(isProblem(HttpStatus.BAD_REQUEST, "\"amount\":\"must be greater than 0\""));
		assertThat(ledger()).isEmpty();
		assertThat(pay("12.50").status()).isEqualTo(HttpStatus.CREATED);
		assertThat(ledger()).hasSize(1);
	}

	@Test
	void refusesRefundWithoutKey() {
		String payment = pay("12.50").location();
		assertThat(refund(payment, null, "5.00")).satisfies(isProblem(HttpStatus.BAD_REQUEST, ":key-missing"));
		assertThat(get(payment, Payment.class).refunded()).isEqualTo("0.00");
	}

	@Test
	void refundsOnceWhenClientRepeatsItsRequest() {
		String payment = pay("12.50").location();
		Answer first = refund(payment, this.key, "5.00");
		Answer retry = refund(payment, this.key, "5.00");
		assertThat(first.status()).isEqualTo(HttpStatus.CREATED);
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(get(payment, Payment.class).refunded()).isEqualTo("5.00");
		assertThat(get(payment, Payment.class).status()).isEqualTo(Payment.Status.PARTLY_REFUNDED);
	}

	@Test
	void refundsNoMoreThanWasPaid() {
		String payment = pay("12.50").location();
		assertThat(refund(payment, "first " + this.key, "5.00").status()).isEqualTo(HttpStatus.CREATED);
		assertThat(refund(payment, this.key, "8.00"))
			.satisfies(isProblem(HttpStatus.UNPROCESSABLE_CONTENT, "No more than 7.50 "));
		assertThat(refund(payment, this.key, "7.50").status()).isEqualTo(HttpStatus.CREATED);
		assertThat(get(payment, Payment.class).status()).isEqualTo(Payment.Status.REFUNDED);
	}

	@RepeatedTest(50)
	void paysOnceWhenClientClicksTwice() {
		ExecutorService clicks = Executors.newFixedThreadPool(2);
		try {
			CyclicBarrier start = new CyclicBarrier(2);
			CompletableFuture<Answer> one = CompletableFuture.supplyAsync(() -> payAfter(start), clicks);
			CompletableFuture<Answer> other = CompletableFuture.supplyAsync(() -> payAfter(start), clicks);
			assertThat(List.of(one.join(), other.join()))
				.allSatisfy((answer) -> assertThat(answer.status()).isEqualTo(HttpStatus.CREATED))
				.areExactly(1, replayed())
				.extracting(Answer::body)
				.containsOnly(one.join().body());
		}
		finally {
			clicks.shutdownNow();
		}
		assertThat(ledger()).hasSize(1);
	}

	@Test
	void explainsChangedFormInPageToBrowserAndInProblemDocumentToOthers() {
		submit("12.50", MediaType.TEXT_HTML);
		Answer page = submit("99.00", MediaType.TEXT_HTML);
		assertThat(page.status()).isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT);
		assertThat(page.headers().getContentType())
			.isEqualTo(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8));
		assertThat(page.body()).contains("already submitted with other data");
		assertThat(submit("99.00", MediaType.APPLICATION_JSON))
			.satisfies(isProblem(HttpStatus.UNPROCESSABLE_CONTENT, ":key-reused"));
		assertThat(ledger()).singleElement().extracting(Payment::amount).hasToString("12.50");
	}

	@ParameterizedTest
	@CsvSource({ "/receipts/5f0c6f4e-0000-4000-8000-000000000000, There is no receipt with this number.",
			"/receipts/4711, There is no receipt with this number.", "/chekout, There is no page at this address." })
	void answersWithPageToBrowserAndWithProblemDocumentToOthersWhereThereIsNothing(String path, String text) {
		Answer page = get(path, MediaType.TEXT_HTML, MediaType.ALL);
		assertThat(page.status()).isEqualTo(HttpStatus.NOT_FOUND);
		assertThat(page.headers().getContentType())
			.isEqualTo(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8));
		assertThat(page.body()).contains(text, "<a class=\"home\" href=\"/\">");
		Answer document = get(path, MediaType.APPLICATION_JSON);
		assertThat(document.status().is4xxClientError()).isTrue();
		assertThat(document.headers().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
	}

	@Test
	void answersWithProblemDocumentToClientThatAcceptsAnything() {
		assertThat(get("/paymentz", MediaType.ALL)).satisfies(isProblem(HttpStatus.NOT_FOUND, "paymentz"));
		assertThat(get("/payments/" + UUID.randomUUID(), MediaType.TEXT_HTML, MediaType.ALL))
			.satisfies(isProblem(HttpStatus.NOT_FOUND, "There is no payment"));
	}

	private Answer get(String path, MediaType... accepted) {
		return Answer.of(this.client.get().uri(path).accept(accepted).exchange().expectBody().returnResult());
	}

	@Test
	void showsWhatBecameOfRequests() {
		Answer first = payForShow(this.key, "12.50", 0);
		payForShow(this.key, "12.50", 0);
		payForShow(this.key, "12.50", 0);
		assertThat(payForShow(this.key, "99.00", 0).status()).isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT);
		ShowcaseController.Operation shown = shown();
		assertThat(shown.counts()).isEqualTo(new ShowcaseObserver.Counts(1, 2, 1, 0));
		assertThat(shown.path()).isEqualTo("/showcase/payments");
		assertThat(shown.stored()).isEqualTo(new ShowcaseController.ShownRecord("completed", 201,
				first.body().getBytes(StandardCharsets.UTF_8).length));
		assertThat(ledgerShown()).hasSize(1);
		assertThat(state().charges())
			.isEqualTo(get("/payments", Payment[].class).length + get("/provider/charges", Charge[].class).length);
	}

	@Test
	void tellsRunsThatChargeFromOthers() {
		ShowcaseController.State before = state();
		String payment = pay("12.50").location();
		pay(null, "12.50");
		refund(payment, "refund " + this.key, "5.00");
		assertThat(refund(payment, "too much " + this.key, "99.00").status())
			.isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT);
		assertThat(pay("invalid " + this.key, "-1").status()).isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(submit("invalid form " + this.key, "-1", MediaType.TEXT_HTML).status())
			.isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT);
		assertThat(submit("form " + this.key, "12.50", MediaType.TEXT_HTML).status()).isEqualTo(HttpStatus.FOUND);
		assertThat(refund(payment, null, "5.00").status()).isEqualTo(HttpStatus.BAD_REQUEST);
		ShowcaseController.State after = state();
		assertThat(after.totals()).isEqualTo(before.totals().plus(new ShowcaseObserver.Counts(7, 0, 1, 1)));
		assertThat(after.effects()).isEqualTo(before.effects().plus(new ShowcaseObserver.Effects(3, 0, 1, 3)));
		assertThat(after.charges()).isEqualTo(before.charges() + 3);
		assertThat(ledgerShown()).extracting(LedgerLine::kind).containsExactly("payment", "payment", "payment");
		assertThat(ledgerShown()).extracting(LedgerLine::refunded)
			.map(BigDecimal::toString)
			.containsExactly("0.00", "0.00", "5.00");
	}

	@Test
	void showsOrderAsOneRunAndOneChargeWithoutRequestToProvider() {
		ShowcaseController.State before = state();
		order(this.key, "12.50", ShowcaseOrders.CUT_OFF_HEADER, "capture");
		assertThat(state().effects()).isEqualTo(before.effects().plus(ShowcaseObserver.Effects.ORDER));
		order(this.key, "12.50");
		order(this.key, "12.50");
		ShowcaseController.State after = state();
		assertThat(after.totals()).isEqualTo(before.totals().plus(new ShowcaseObserver.Counts(2, 1, 0, 0)));
		assertThat(after.effects()).isEqualTo(before.effects().plus(ShowcaseObserver.Effects.ORDER));
		assertThat(after.charges()).isEqualTo(before.charges() + 1);
		assertThat(after.operations()).extracting(ShowcaseController.Operation::path)
			.doesNotContain("/provider/charges");
		assertThat(ledgerShown()).singleElement().extracting(LedgerLine::kind).isEqualTo("order");
	}

	private List<LedgerLine> ledgerShown() {
		return state().ledger().stream().filter((line) -> line.reference().equals(this.reference)).toList();
	}

	@Test
	void showsRecordInProgressWhilePaymentIsSlow() {
		CompletableFuture<Answer> slow = CompletableFuture.supplyAsync(() -> payForShow(this.key, "12.50", 2));
		await().until(() -> state().operations().stream().anyMatch(this::isInProgress));
		assertThat(state().running()).isEqualTo(1);
		CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> payForShow(this.key, "12.50", 0));
		await().until(() -> state().waiting() == 1);
		assertThat(waiting.join().body()).isEqualTo(slow.join().body());
		assertThat(shown().stored().state()).isEqualTo("completed");
		assertThat(shown().counts()).isEqualTo(new ShowcaseObserver.Counts(1, 1, 0, 0));
		assertThat(state()).extracting(ShowcaseController.State::running, ShowcaseController.State::waiting)
			.containsExactly(0, 0);
	}

	@Test
	void showsRequestsOfOtherEndpointsAndThoseWithoutKey() {
		ShowcaseObserver.Counts before = state().totals();
		pay("12.50");
		pay(null, "12.50");
		assertThat(shown().path()).isEqualTo("/payments");
		assertThat(state().totals()).isEqualTo(before.plus(new ShowcaseObserver.Counts(2, 0, 0, 1)));
	}

	@Test
	void showsNewestKeysOnly() {
		for (int payment = 0; payment <= ShowcaseObserver.MOST_KEYS; payment++) {
			payForShow(payment + " " + this.key, "12.50", 0);
		}
		assertThat(state().operations()).hasSize(ShowcaseObserver.MOST_KEYS)
			.extracting(ShowcaseController.Operation::key)
			.startsWith(ShowcaseObserver.MOST_KEYS + " " + this.key)
			.endsWith("1 " + this.key);
	}

	@Test
	void showsNoneOfPaymentThatIsInvalid() {
		assertThat(payForShow(this.key, "-1", 0))
			.satisfies(isProblem(HttpStatus.BAD_REQUEST, "\"amount\":\"must be greater than 0\""));
		assertThat(shown().stored().state()).isEqualTo("none");
	}

	@Test
	@DisplayName("Q1: an order is placed once, and charged once, when the client repeats its request")
	void placesOrderOnceWhenClientRepeatsItsRequest() {
		Answer first = order(this.key, "12.50");
		Answer retry = order(this.key, "12.50");
		assertThat(first.status()).isEqualTo(HttpStatus.CREATED);
		assertThat(first.headers().containsHeader("Idempotent-Replayed")).isFalse();
		assertThat(retry.status()).isEqualTo(HttpStatus.CREATED);
		assertThat(retry.headers().getFirst("Idempotent-Replayed")).isEqualTo("true");
		assertThat(retry.body()).isEqualTo(first.body());
		Order order = get(first.location(), Order.class);
		assertThat(orders()).containsExactly(order);
		assertThat(charges()).extracting(Charge::id).containsExactly(order.charge());
		assertThat(shown().steps()).containsExactly(ran("reserve"), ran("capture"), ran("book"));
	}

	@ParameterizedTest
	@CsvSource({ "reserve, 1", "capture, 2", "book, 3" })
	@DisplayName("Q1: an order that was cut off resumes behind the last step, and is charged once")
	void resumesOrderBehindStepThatItWasCutOffAfter(String cutOffAfter, int resumed) {
		assertThat(order(this.key, "12.50", ShowcaseOrders.CUT_OFF_HEADER, cutOffAfter))
			.satisfies(isProblem(HttpStatus.SERVICE_UNAVAILABLE, "Cut off after the step '" + cutOffAfter + "'"));
		List<ShowcaseObserver.TakenStep> steps = List.of(ran("reserve"), ran("capture"), ran("book"));
		assertThat(shown().steps()).isEqualTo(steps.subList(0, resumed));
		assertThat(shown().stored().state()).isEqualTo("resumable");
		List<UUID> reserved = reservations();
		assertThat(reserved).hasSize(1);
		List<Charge> charged = charges();
		assertThat(charged).hasSize((resumed > 1) ? 1 : 0);

		Answer answer = order(this.key, "12.50");
		assertThat(answer.status()).isEqualTo(HttpStatus.CREATED);
		assertThat(answer.headers().containsHeader("Idempotent-Replayed")).isFalse();
		assertThat(shown().steps()).extracting(ShowcaseObserver.TakenStep::name)
			.containsExactly("reserve", "capture", "book");
		assertThat(shown().steps()).filteredOn(ShowcaseObserver.TakenStep::resumed).hasSize(resumed);
		assertThat(shown().counts()).isEqualTo(new ShowcaseObserver.Counts(2, 0, 0, 0));
		Order order = get(answer.location(), Order.class);
		assertThat(orders()).containsExactly(order);
		assertThat(reservations()).isEqualTo(reserved).containsExactly(order.reservation());
		assertThat(charges()).containsAll(charged).extracting(Charge::id).containsExactly(order.charge());
	}

	@Test
	void refusesOrderWithoutKey() {
		assertThat(order(null, "12.50")).satisfies(isProblem(HttpStatus.BAD_REQUEST, ":key-missing"));
		assertThat(reservations()).isEmpty();
	}

	@Test
	void takesNoStepOfOrderThatIsInvalid() {
		assertThat(order(this.key, "-1"))
			.satisfies(isProblem(HttpStatus.BAD_REQUEST, "\"amount\":\"must be greater than 0\""));
		assertThat(reservations()).isEmpty();
		assertThat(order(this.key, "12.50").status()).isEqualTo(HttpStatus.CREATED);
	}

	@Test
	void refusesOtherOrderWithKeyOfOneThatWasPlaced() {
		order(this.key, "12.50");
		assertThat(order(this.key, "99.00")).satisfies(isProblem(HttpStatus.UNPROCESSABLE_CONTENT, ":key-reused"));
		assertThat(orders()).hasSize(1);
	}

	@Test
	void chargesAtProviderOnlyWithKeyAndOnce() {
		Map<String, String> charge = Map.of("amount", "12.50", "currency", "EUR", "reference", this.reference);
		assertThat(post("/provider/charges", null, charge))
			.satisfies(isProblem(HttpStatus.BAD_REQUEST, ":key-missing"));
		Answer first = post("/provider/charges", this.key, charge);
		assertThat(post("/provider/charges", this.key, charge).body()).isEqualTo(first.body());
		assertThat(charges()).hasSize(1);
	}

	@Test
	void servesShowcaseAtRoot() {
		assertThat(this.client.get().uri("/").exchange().expectBody(String.class).returnResult().getResponseBody())
			.contains("<title>Ten clicks, one charge</title>");
	}

	private boolean isInProgress(ShowcaseController.Operation operation) {
		return this.key.equals(operation.key()) && operation.stored().state().equals("in progress");
	}

	private ShowcaseController.Operation shown() {
		return state().operations()
			.stream()
			.filter((operation) -> this.key.equals(operation.key()))
			.findFirst()
			.orElseThrow();
	}

	private ShowcaseController.State state() {
		return get("/showcase/state", ShowcaseController.State.class);
	}

	private Answer payAfter(CyclicBarrier start) {
		try {
			start.await(10, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		return pay("12.50");
	}

	final Answer pay(String amount) {
		return pay(this.key, amount);
	}

	private Answer pay(@Nullable String key, String amount) {
		return post("/payments", key, Map.of("amount", amount, "currency", "EUR", "reference", this.reference));
	}

	private Answer payForShow(String key, String amount, int delayInSeconds) {
		return Answer.of(this.client.post()
			.uri("/showcase/payments")
			.contentType(MediaType.APPLICATION_JSON)
			.header("Idempotency-Key", key)
			.header(ShowcaseController.DELAY_HEADER, Integer.toString(delayInSeconds))
			.body(Map.of("amount", amount, "currency", "EUR", "reference", this.reference))
			.exchange()
			.expectBody()
			.returnResult());
	}

	private Answer order(@Nullable String key, String amount, String... header) {
		return post("/orders", key, Map.of("amount", amount, "currency", "EUR", "reference", this.reference), header);
	}

	private static ShowcaseObserver.TakenStep ran(String step) {
		return new ShowcaseObserver.TakenStep(step, false);
	}

	private Answer refund(String payment, @Nullable String key, String amount) {
		return post(payment + "/refunds", key, Map.of("amount", amount));
	}

	private Answer post(String path, @Nullable String key, Map<String, String> body, String... header) {
		RestTestClient.RequestBodySpec request = this.client.post().uri(path).contentType(MediaType.APPLICATION_JSON);
		if (key != null) {
			request.header("Idempotency-Key", key);
		}
		if (header.length > 0) {
			request.header(header[0], header[1]);
		}
		return Answer.of(request.body(body).exchange().expectBody().returnResult());
	}

	private Answer submit(String amount, MediaType accepted) {
		return submit(this.key, amount, accepted);
	}

	private Answer submit(String key, String amount, MediaType accepted) {
		MultiValueMap<String, String> form = MultiValueMap.fromSingleValue(
				Map.of("__idempotent_key", key, "amount", amount, "currency", "EUR", "reference", this.reference));
		return Answer.of(this.client.post()
			.uri("/checkout")
			.accept(accepted)
			.contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.body(form)
			.exchange()
			.expectBody()
			.returnResult());
	}

	private List<Payment> ledger() {
		return List.of(get("/payments", Payment[].class))
			.stream()
			.filter((payment) -> payment.reference().equals(this.reference))
			.toList();
	}

	private List<Order> orders() {
		return List.of(get("/orders", Order[].class))
			.stream()
			.filter((order) -> order.reference().equals(this.reference))
			.toList();
	}

	private List<Charge> charges() {
		return List.of(get("/provider/charges", Charge[].class))
			.stream()
			.filter((charge) -> charge.reference().equals(this.reference))
			.toList();
	}

	private List<UUID> reservations() {
		return this.jdbc.sql("select id from reservation where reference = :reference")
			.param("reference", this.reference)
			.query(UUID.class)
			.list();
	}

	private <T> T get(String path, Class<T> type) {
		return Objects
			.requireNonNull(this.client.get().uri(path).exchange().expectBody(type).returnResult().getResponseBody());
	}

	private static Condition<Answer> replayed() {
		return new Condition<>((answer) -> answer.headers().containsHeader("Idempotent-Replayed"), "replayed");
	}

	private static Consumer<Answer> isProblem(HttpStatus status, String content) {
		return (answer) -> {
			assertThat(answer.status()).isEqualTo(status);
			assertThat(answer.headers().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
			assertThat(answer.body()).contains(content);
		};
	}

	record Answer(HttpStatus status, HttpHeaders headers, String body) {

		static Answer of(EntityExchangeResult<byte[]> result) {
			byte[] body = Objects.requireNonNullElse(result.getResponseBody(), new byte[0]);
			return new Answer(HttpStatus.valueOf(result.getStatus().value()), result.getResponseHeaders(),
					new String(body, StandardCharsets.UTF_8));
		}

		String location() {
			return Objects.requireNonNull(this.headers.getFirst(HttpHeaders.LOCATION));
		}

	}

}
