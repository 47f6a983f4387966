package io.idempotency.gauntlet;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.gauntlet.Composition.Retry;
import io.idempotency.testing.TestApp;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One application without the starter and with it, both running.
 */
final class AppPair implements AutoCloseable {

	private static final HttpClient CLIENT = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(10))
		.build();

	private static final List<String> NEVER_STORED = List.of("set-cookie");

	/**
	 * What a filter sets after the chain on responses that are not committed: a redirect
	 * or a forward commits the first one, but no replay.
	 */
	private static final List<String> SET_AFTER_CHAIN = List.of("x-after");

	private static final List<String> EXPOSED = List.of("access-control-expose-headers");

	private final Server server;

	private final Setting setting;

	private final Set<Company> companies;

	private final TestApp bare;

	private final TestApp app;

	private final Map<TestApp, Map<String, String>> headers;

	private AppPair(Server server, Setting setting, Set<Company> companies, TestApp bare, TestApp app) {
		this.server = server;
		this.setting = setting;
		this.companies = companies;
		this.bare = bare;
		this.app = app;
		this.headers = Map.of(bare, headers(bare), app, headers(app));
	}

	/**
	 * Starts both.
	 * @return the applications, or {@code null} if the starter refused to start, which it
	 * may where the application replaced what calls it
	 */
	static @Nullable AppPair start(Server server, Setting setting, Set<Company> companies) {
		TestApp bare = start(server, setting, companies, false);
		try {
			return new AppPair(server, setting, companies, bare, start(server, setting, companies, true));
		}
		catch (RuntimeException ex) {
			bare.close();
			// M9
			if (companies.stream().anyMatch(Company::mayKeepFromStarting) && isRefusalOfStarter(ex)) {
				return null;
			}
			throw ex;
		}
	}

	private static TestApp start(Server server, Setting setting, Set<Company> companies, boolean enabled) {
		List<Class<?>> configuration = new ArrayList<>(List.of(Ledger.class, Watch.class, Surroundings.class,
				Routes.class, setting.isAnnotated() ? AnnotatedHandlers.Synchronous.class : Handlers.class));
		if (!setting.isTransactional()) {
			configuration.add(setting.isAnnotated() ? AnnotatedHandlers.Asynchronous.class : AsyncHandlers.class);
			configuration.add(StreamingHandlers.class);
			configuration.add(AsyncRoutes.class);
		}
		if (companies.contains(Company.MANAGEMENT)) {
			configuration.add((server == Server.JETTY) ? Management.OnJetty.class : Management.OnTomcat.class);
		}
		configuration.addAll(Company.configuration(companies));
		Stream<String> database = setting.hasDatabase() ? Stream.empty() : Company.database(companies);
		return TestApp.start(configuration, Stream
			.of(setting.properties(), database, companies.stream().flatMap((company) -> company.properties().stream()),
					Stream.of(server.property(), "idempotency.enabled=" + enabled, "spring.sql.init.mode=always",
							"spring.sql.init.schema-locations=classpath:io/idempotency/gauntlet/schema.sql",
							"spring.jpa.hibernate.ddl-auto=update", "logging.level.root=off",
							"server.tomcat.threads.min-spare=2"))
			.flatMap((properties) -> properties)
			.toArray(String[]::new));
	}

	private static boolean isRefusalOfStarter(@Nullable Throwable ex) {
		return ex != null
				&& (ex.getClass().getName().startsWith("io.idempotency.") || isRefusalOfStarter(ex.getCause()));
	}

	private Map<String, String> headers(TestApp of) {
		Map<String, String> headers = new TreeMap<>();
		this.companies.forEach((company) -> headers.putAll(company.headers(of)));
		return headers;
	}

	/**
	 * Sends the requests of a composition, and compares.
	 */
	void check(Endpoint endpoint) {
		Composition composition = new Composition(this.server, this.setting, this.companies, endpoint);
		Keyless bareRequest = sendWithoutKey(this.bare, composition);
		String bareRun = bareRequest.run();
		Answer expected = bareRequest.answer();
		assertThat(expected.status()).as("The status without the starter, of " + expected)
			.isEqualTo(composition.bareStatus());
		if (endpoint.does() == Endpoint.Does.ANSWERS && endpoint.by() != Endpoint.By.NEITHER) {
			assertThat(expected.body()).as("The body without the starter").isNotEmpty();
		}
		assertThat(ledger(this.bare).runs(bareRun)).as("The runs without the starter")
			.isEqualTo(endpoint.does().runs() ? 1 : 0);
		checkWithoutKey(composition, expected);
		String key = TestApp.newKey();
		if (this.setting.isWaiting() && endpoint.does().runs()) {
			checkConcurrent(composition, expected, key);
		}
		else {
			checkFirst(composition, expected, send(this.app, endpoint, key, key));
			checkFirstLog(bareRun, key);
			checkRetry(composition, expected, send(this.app, endpoint, key, key), key);
		}
		checkNothingIsLeft();
	}

	/**
	 * K2, G1.
	 */
	private void checkWithoutKey(Composition composition, Answer expected) {
		Keyless request = sendWithoutKey(this.app, composition);
		String run = request.run();
		Answer answer = request.answer();
		boolean runs = composition.endpoint().does().runs();
		if (this.setting.requiresKey() && (runs || answer.isProblem("key-missing"))) {
			assertThat(answer.isProblem("key-missing")).as("A key is asked for, instead of " + answer).isTrue();
			assertThat(ledger(this.app).runs(run)).as("Runs of a request that was refused").isZero();
			return;
		}
		// A server that closes the connection, since it has not got the whole body yet,
		// says
		// so and sends no chunks.
		boolean closed = answer.isClosed() || expected.isClosed();
		assertSame("A request without a key", closed ? answer.withoutFraming() : answer,
				closed ? expected.withoutFraming() : expected);
		assertThat(ledger(this.app).runs(run)).as("Runs without a key").isEqualTo(runs ? 1 : 0);
	}

	/**
	 * G2, R2.
	 */
	private static void checkFirst(Composition composition, Answer expected, Answer first) {
		assertSame("The first request", comparable(composition, first), comparable(composition, expected));
	}

	private static Answer comparable(Composition composition, Answer answer) {
		return answer.withoutFraming().without(EXPOSED).without(composition.leftToServer());
	}

	/**
	 * What a filter reads of the body along with the handler. It may be more, since the
	 * body is compared, and the parameters of a form may be spelled as they were sent.
	 */
	private void checkFirstLog(String bareRun, String run) {
		if (this.companies.contains(Company.CACHING_REQUEST)) {
			String expected = this.bare.bean(Filters.CachingRequestFilter.class).logged(bareRun);
			if (expected != null) {
				Filters.CachingRequestFilter filter = this.app.bean(Filters.CachingRequestFilter.class);
				await(() -> filter.logged(run) != null);
				assertThat(URLDecoder.decode(Objects.requireNonNull(filter.logged(run)), StandardCharsets.UTF_8))
					.as("The body in the log")
					.startsWith(URLDecoder.decode(expected, StandardCharsets.UTF_8));
			}
		}
	}

	private void checkRetry(Composition composition, Answer expected, Answer retry, String key) {
		Retry what = retry.isReplay() ? Retry.REPLAYED
				: retry.isProblem("response-not-stored") ? Retry.NOT_STORED : Retry.RUNS_AGAIN;
		int runs = ledger(this.app).runs(key);
		assertThat(what)
			.as("A retry is %s, not one of %s, after %s runs: %s", what, composition.expectedRetries(), runs,
					retry.differenceFrom(expected))
			.isIn(composition.expectedRetries());
		boolean handlerRuns = composition.endpoint().does().runs();
		switch (what) {
			case NOT_STORED ->
				assertThat(retry.status()).as("The status of a response that was not stored").isEqualTo(409);
			case REPLAYED -> assertSame("The replay",
					comparable(composition, retry).without(List.of("idempotent-replayed"))
						.without(SET_AFTER_CHAIN)
						.without(composition.resetByErrorPage()),
					comparable(composition, expected).without(NEVER_STORED)
						.without(SET_AFTER_CHAIN)
						.without(composition.resetByErrorPage()));
			case RUNS_AGAIN ->
				assertSame("The next request", comparable(composition, retry), comparable(composition, expected));
		}
		assertThat(runs).as("Runs after a retry that is " + what)
			.isEqualTo(!handlerRuns ? 0 : (what == Retry.RUNS_AGAIN) ? 2 : 1);
		Integer rows = ledger(this.app).rows(key);
		if (rows != null && !composition.leavesRowsOpen()) {
			assertThat(rows).as("Charges in the database after a retry that is " + what)
				.isEqualTo(handlerRuns ? composition.expectedRows(runs) : 0);
		}
	}

	/**
	 * C2.
	 */
	private void checkConcurrent(Composition composition, Answer expected, String key) {
		Ledger ledger = ledger(this.app);
		CompletableFuture<Answer> first = sendAsync(this.app, composition.endpoint(), key, key, key);
		await(() -> ledger.isEntered(key) || first.isDone());
		CompletableFuture<Answer> second = sendAsync(this.app, composition.endpoint(), key, key, key);
		try {
			await(() -> this.app.suspendedRequests() == 1 || second.isDone() || ledger.runs(key) == 2);
		}
		finally {
			ledger.open(key);
		}
		checkFirst(composition, expected, first.join());
		checkRetry(composition, expected, second.join(), key);
	}

	/**
	 * G3.
	 */
	private void checkNothingIsLeft() {
		IdempotencyEngine engine = this.app.bean(IdempotencyEngine.class);
		awaitNone("leases", engine::leasesHeld);
		awaitNone("waiting requests", engine::waiting);
		awaitNone("threads inside", () -> this.app.bean(Watch.class).inside().size());
		HikariDataSource pool = this.app.context().getBeanProvider(HikariDataSource.class).getIfAvailable();
		if (pool != null) {
			awaitNone("connections", () -> pool.getHikariPoolMXBean().getActiveConnections());
		}
	}

	private static void awaitNone(String what, Callable<Integer> count) {
		Awaitility.await()
			.alias("no " + what)
			.atMost(Duration.ofSeconds(5))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(5))
			.until(() -> count.call() == 0);
	}

	private static void await(Callable<Boolean> condition) {
		Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(condition);
	}

	private static void assertSame(String what, Answer actual, Answer expected) {
		String difference = actual.differenceFrom(expected);
		assertThat(difference).as(what + " has another answer: " + difference).isEmpty();
	}

	private static Ledger ledger(TestApp of) {
		return of.bean(Ledger.class);
	}

	/**
	 * Servers close connections whose body nobody read and which has not come yet, and
	 * may lose the answer by that, with the starter and without it. Another request is
	 * then looked at.
	 */
	private Keyless sendWithoutKey(TestApp to, Composition composition) {
		Keyless request = null;
		for (int attempt = 0; attempt < 3; attempt++) {
			String run = TestApp.newKey();
			request = new Keyless(run, send(to, composition.endpoint(), null, run));
			if (!request.answer().isBroken() || composition.bareStatus() == -1) {
				return request;
			}
		}
		return Objects.requireNonNull(request);
	}

	private Answer send(TestApp to, Endpoint endpoint, @Nullable String key, String run) {
		return sendAsync(to, endpoint, key, run, null).join();
	}

	/**
	 * A server may close connections that the client uses again. A request that reached
	 * nobody is sent once more on another.
	 */
	private CompletableFuture<Answer> sendAsync(TestApp to, Endpoint endpoint, @Nullable String key, String run,
			@Nullable String gate) {
		HttpRequest request = request(to, endpoint, key, run, gate);
		int runs = ledger(to).runs(run);
		return sendAsync(request, () -> ledger(to).runs(run) == runs, 3);
	}

	private static CompletableFuture<Answer> sendAsync(HttpRequest request, BooleanSupplier didNotRun, int attempts) {
		return CLIENT.sendAsync(request, BodyHandlers.ofByteArray())
			.handle(AppPair::answer)
			.thenCompose((answer) -> (answer.isBroken() && attempts > 1 && didNotRun.getAsBoolean())
					? sendAsync(request, didNotRun, attempts - 1) : CompletableFuture.completedFuture(answer));
	}

	private static Answer answer(@Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) {
		if (response != null) {
			return Answer.of(response);
		}
		Throwable cause = (failure instanceof CompletionException) ? failure.getCause() : failure;
		if (cause instanceof IOException broken && !(cause instanceof HttpTimeoutException)) {
			return Answer.broken(broken);
		}
		throw new AssertionError("There is no answer", cause);
	}

	private HttpRequest request(TestApp to, Endpoint endpoint, @Nullable String key, String run,
			@Nullable String gate) {
		String path = endpoint.path();
		for (Company company : this.companies) {
			path = company.path(path);
		}
		Endpoint.Body body = endpoint.body();
		HttpRequest.Builder request = to.request(body.method(), path, key,
				body.content().getBytes(StandardCharsets.UTF_8), "Content-Type", body.type(), "X-Run", run);
		request.timeout(Duration.ofSeconds(20));
		this.headers.getOrDefault(to, Map.of()).forEach(request::setHeader);
		if (gate != null) {
			request.setHeader("X-Gate", gate);
		}
		if (endpoint.accept() != null) {
			request.setHeader("Accept", endpoint.accept());
		}
		if (endpoint.header() != null) {
			request.setHeader(endpoint.header(), "set");
		}
		return request.build();
	}

	@Override
	public void close() {
		this.bare.close();
		this.app.close();
	}

	private record Keyless(String run, Answer answer) {
	}

}
