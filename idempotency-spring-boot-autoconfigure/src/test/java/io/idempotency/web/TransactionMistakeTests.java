package io.idempotency.web;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.StepMode;
import io.idempotency.jdbc.JdbcIdempotencyAutoConfiguration;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.TransactionalIdempotencyStore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.http.HttpEntity;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What cannot be committed together with its response is found at start.
 */
class TransactionMistakeTests {

	private static final WebApplicationContextRunner WITHOUT_TRANSACTION_MANAGER = StartFailures.RUNNER
		.withConfiguration(
				AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcIdempotencyAutoConfiguration.class))
		.withPropertyValues("idempotency.store=jdbc");

	private static final WebApplicationContextRunner RUNNER = WITHOUT_TRANSACTION_MANAGER
		.withConfiguration(AutoConfigurations.of(DataSourceTransactionManagerAutoConfiguration.class));

	private static final WebApplicationContextRunner BY_DEFAULT = RUNNER
		.withPropertyValues("idempotency.jdbc.transactional=true");

	@Test
	@DisplayName("M6: a transactional handler is no mistake where the store has transactions")
	void startsWithTransactions() {
		RUNNER.withUserConfiguration(Transactional.class)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(TransactionalIdempotencyStore.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "memory", "redis" })
	@DisplayName("M6: a transactional handler fails the start where the store has no transactions")
	void failsWhereStoreHasNoTransactions(String store) {
		FailureAnalysis analysis = StartFailures.analyze(
				RUNNER.withPropertyValues("idempotency.store=" + store).withUserConfiguration(Transactional.class));
		assertThat(analysis.getDescription()).contains(Transactional.class.getName() + "#pay", "has no transactions");
		assertThat(analysis.getAction()).contains("idempotency.store=jdbc", "remove transactional from @Idempotent");
	}

	@ParameterizedTest
	@ValueSource(strings = { "memory", "redis" })
	@DisplayName("Q4: transactional steps fail the start where the store has no transactions")
	void failsOnTransactionalStepsWhereStoreHasNoTransactions(String store) {
		FailureAnalysis analysis = StartFailures
			.analyze(RUNNER.withPropertyValues("idempotency.store=" + store).withUserConfiguration(InSteps.class));
		assertThat(analysis.getDescription()).contains(InSteps.class.getName() + "#pay",
				"is to commit each of its steps together with its result", "has no transactions");
		assertThat(analysis.getAction()).contains("idempotency.store=jdbc", "remove steps = StepMode.TRANSACTIONAL");
	}

	@Test
	@DisplayName("Q4: transactional steps fail the start of a handler that is transactional as a whole")
	void failsOnTransactionalStepsOfTransactionalHandler() {
		FailureAnalysis analysis = StartFailures.analyze(RUNNER.withUserConfiguration(InStepsAndTogether.class));
		assertThat(analysis.getDescription()).contains(InStepsAndTogether.class.getName() + "#pay",
				"and each of its steps separately");
		assertThat(analysis.getAction()).contains("Remove transactional");
	}

	@Test
	@DisplayName("Q4: transactional steps win over jdbc.transactional=true")
	void startsWithTransactionalStepsByDefault() {
		BY_DEFAULT.withUserConfiguration(InSteps.class).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	@DisplayName("M6: a transactional handler fails the start without a transaction manager")
	void failsWithoutTransactionManager() {
		assertNoTransactionManager(
				StartFailures.analyze(WITHOUT_TRANSACTION_MANAGER.withUserConfiguration(Transactional.class)),
				Transactional.class);
		assertNoTransactionManager(StartFailures.analyze(WITHOUT_TRANSACTION_MANAGER.withUserConfiguration(Plain.class)
			.withPropertyValues("idempotency.jdbc.transactional=true")), Plain.class);
		WITHOUT_TRANSACTION_MANAGER.withUserConfiguration(Plain.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	@DisplayName("M6: a transactional handler fails the start where none of several transaction managers is primary")
	void failsWithSeveralTransactionManagers() {
		assertNoTransactionManager(
				StartFailures
					.analyze(WITHOUT_TRANSACTION_MANAGER.withUserConfiguration(TwoManagers.class, Transactional.class)),
				Transactional.class);
		WITHOUT_TRANSACTION_MANAGER.withUserConfiguration(TwoManagers.class, Plain.class)
			.run((context) -> assertThat(context).hasNotFailed());
		WITHOUT_TRANSACTION_MANAGER.withUserConfiguration(TwoManagers.class, PrimaryManager.class, Transactional.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private static void assertNoTransactionManager(FailureAnalysis analysis, Class<?> controller) {
		assertThat(analysis.getDescription()).contains(controller.getName() + "#pay", "transaction manager");
		assertThat(analysis.getAction()).contains("PlatformTransactionManager", "@Primary");
	}

	@ParameterizedTest
	@ValueSource(classes = { ReturnsCallable.class, ReturnsTask.class, ReturnsDeferred.class, ReturnsFuture.class,
			ReturnsStage.class, ReturnsPublisher.class, ReturnsEntityOfFuture.class, ReturnsSubtype.class })
	@DisplayName("M6: a transactional handler that is asynchronous fails the start")
	void failsOnAsynchronousHandler(Class<?> controller) {
		FailureAnalysis analysis = StartFailures.analyze(RUNNER.withUserConfiguration(controller));
		assertThat(analysis.getDescription()).contains(controller.getName() + "#pay", "asynchronous");
		assertThat(analysis.getAction()).contains("Return the response itself", "transactional", "@IdempotencyExempt");
	}

	@Test
	@DisplayName("M6: a transactional handler that streams fails the start")
	void failsOnStreamingHandler() {
		FailureAnalysis analysis = StartFailures.analyze(RUNNER.withUserConfiguration(ReturnsEvents.class));
		assertThat(analysis.getDescription()).contains(ReturnsEvents.class.getName() + "#pay", "streams");
		assertThat(analysis.getAction()).contains("Remove @Idempotent");
	}

	@ParameterizedTest
	@ValueSource(classes = { AsynchronousPost.class, AsynchronousForAllMethods.class, StreamingPost.class })
	@DisplayName("M6: jdbc.transactional=true fails the start where a protected handler is asynchronous")
	void failsOnAsynchronousHandlerThatSaysNothing(Class<?> controller) {
		FailureAnalysis analysis = StartFailures.analyze(BY_DEFAULT.withUserConfiguration(controller));
		assertThat(analysis.getDescription()).contains(controller.getName() + "#pay", "asynchronous");
		RUNNER.withUserConfiguration(controller).run((context) -> assertThat(context).hasNotFailed());
		BY_DEFAULT.withPropertyValues("idempotency.mode=annotated")
			.withUserConfiguration(controller)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	@DisplayName("M6: asynchronous handlers that are not protected are no mistake")
	void startsWithAsynchronousHandlersThatAreNotProtected() {
		BY_DEFAULT.withUserConfiguration(Unprotected.class).run((context) -> assertThat(context).hasNotFailed());
		BY_DEFAULT.withUserConfiguration(AsynchronousPost.class)
			.withPropertyValues("idempotency.methods=PUT")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	@DisplayName("O1: store=jdbc without a DataSource fails the start")
	void failsWithoutDataSource() {
		assertNoDatabase(StartFailures.analyze(withoutDataSource()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.jdbc", "org.springframework.boot.jdbc" })
	@DisplayName("O1: store=jdbc without a part of spring-boot-starter-jdbc fails the start")
	void failsWithoutStarter(String missing) {
		assertNoDatabase(StartFailures.analyze(withoutDataSource().withBean(DriverManagerDataSource.class)
			.withClassLoader(new FilteredClassLoader(missing))));
	}

	private static WebApplicationContextRunner withoutDataSource() {
		return StartFailures.RUNNER.withPropertyValues("idempotency.store=jdbc")
			.withConfiguration(AutoConfigurations.of(JdbcIdempotencyAutoConfiguration.class));
	}

	private static void assertNoDatabase(FailureAnalysis analysis) {
		assertThat(analysis.getDescription()).contains("idempotency.store=jdbc");
		assertThat(analysis.getAction()).contains("spring-boot-starter-jdbc", "DataSource");
	}

	@Test
	@DisplayName("O1: a database alone does not decide for the store in it")
	void keepsRecordsInDatabaseOnlyWhenAskedTo() {
		RUNNER.withPropertyValues("idempotency.store=memory")
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(IdempotencyStore.class)
				.hasBean("memoryIdempotencyStore"));
	}

	@RestController
	static class InSteps {

		@PostMapping("/pay")
		@Idempotent(steps = StepMode.TRANSACTIONAL)
		CompletableFuture<String> pay() {
			return CompletableFuture.completedFuture("");
		}

	}

	@RestController
	static class InStepsAndTogether {

		@PostMapping("/pay")
		@Idempotent(steps = StepMode.TRANSACTIONAL, transactional = true)
		String pay() {
			return "";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoManagers {

		@Bean
		PlatformTransactionManager orders() {
			return new JdbcTransactionManager(new DriverManagerDataSource());
		}

		@Bean
		PlatformTransactionManager archive() {
			return new JdbcTransactionManager(new DriverManagerDataSource());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryManager {

		@Bean
		@Primary
		PlatformTransactionManager main() {
			return new JdbcTransactionManager(new DriverManagerDataSource());
		}

	}

	@RestController
	static class Transactional {

		@PostMapping("/")
		@Idempotent(transactional = true)
		void pay() {
		}

	}

	@RestController
	static class Plain {

		@PostMapping("/")
		void pay() {
		}

	}

	@RestController
	static class ReturnsCallable {

		@PostMapping("/")
		@Idempotent(transactional = true)
		Callable<String> pay() {
			return () -> "";
		}

	}

	@RestController
	static class ReturnsTask {

		@PostMapping("/")
		@Idempotent(transactional = true)
		WebAsyncTask<String> pay() {
			return new WebAsyncTask<>(() -> "");
		}

	}

	@RestController
	static class ReturnsDeferred {

		@PostMapping("/")
		@Idempotent(transactional = true)
		DeferredResult<String> pay() {
			return new DeferredResult<>();
		}

	}

	@RestController
	static class ReturnsFuture {

		@PostMapping("/")
		@Idempotent(transactional = true)
		CompletableFuture<String> pay() {
			return CompletableFuture.completedFuture("");
		}

	}

	@RestController
	static class ReturnsStage {

		@PostMapping("/")
		@Idempotent(transactional = true)
		CompletionStage<String> pay() {
			return CompletableFuture.completedStage("");
		}

	}

	/**
	 * Of the JDK; those of Reactor are known in the same way.
	 */
	@RestController
	static class ReturnsPublisher {

		@PostMapping("/")
		@Idempotent(transactional = true)
		Flow.Publisher<String> pay() {
			return (subscriber) -> subscriber.onComplete();
		}

	}

	@RestController
	static class ReturnsEntityOfFuture {

		@PostMapping("/")
		@Idempotent(transactional = true)
		ResponseEntity<CompletableFuture<String>> pay() {
			return ResponseEntity.ok(CompletableFuture.completedFuture(""));
		}

	}

	@RestController
	static class ReturnsSubtype {

		@PostMapping("/")
		@Idempotent(transactional = true)
		FutureEntity pay() {
			return new FutureEntity();
		}

	}

	static class FutureEntity extends HttpEntity<CompletableFuture<String>> {

	}

	@RestController
	static class ReturnsEvents {

		@PostMapping("/")
		@Idempotent(transactional = true)
		SseEmitter pay() {
			return new SseEmitter();
		}

	}

	@RestController
	static class AsynchronousPost {

		@PostMapping("/")
		Callable<String> pay() {
			return () -> "";
		}

	}

	@RestController
	static class AsynchronousForAllMethods {

		@RequestMapping("/")
		Callable<String> pay() {
			return () -> "";
		}

	}

	@RestController
	static class StreamingPost {

		@PostMapping("/")
		SseEmitter pay() {
			return new SseEmitter();
		}

	}

	@RestController
	static class Unprotected {

		@GetMapping("/")
		Callable<String> look() {
			return () -> "";
		}

		@PostMapping("/")
		@IdempotencyExempt
		Callable<String> pay() {
			return () -> "";
		}

	}

}
