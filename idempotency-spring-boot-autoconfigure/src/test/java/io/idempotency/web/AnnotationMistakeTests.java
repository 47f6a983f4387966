package io.idempotency.web;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;

import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Annotations that contradict something are found at start.
 */
@ExtendWith(OutputCaptureExtension.class)
class AnnotationMistakeTests {

	@ParameterizedTest
	@ValueSource(classes = { BothOnMethod.class, BothOnClass.class, BothByMetaAnnotation.class, BothInherited.class })
	@DisplayName("M6: @Idempotent and @IdempotencyExempt on one element fail the start")
	void failsOnBothAnnotations(Class<?> controller) {
		FailureAnalysis analysis = analyze(controller);
		assertThat(analysis.getDescription()).contains(controller.getName() + "#pay", "@Idempotent",
				"@IdempotencyExempt");
		assertThat(analysis.getAction()).contains("Remove @Idempotent", "or @IdempotencyExempt");
	}

	@ParameterizedTest
	@ValueSource(classes = { UnknownStore.class, NoStoreBean.class, UnresolvableStore.class })
	@DisplayName("M6: an unknown store fails the start")
	void failsOnUnknownStore(Class<?> controller) {
		FailureAnalysis analysis = analyze(controller);
		assertThat(analysis.getDescription()).contains(controller.getName() + "#pay", "@Idempotent(store = ");
		assertThat(analysis.getAction()).contains("IdempotencyStore beans", "redisIdempotencyStore",
				"remove the attribute");
	}

	@ParameterizedTest
	@ValueSource(classes = { UnparsableExpiry.class, NegativeExpiry.class, EndlessExpiry.class, BlankExpiry.class,
			UnresolvableExpiry.class })
	@DisplayName("M6: an expiry that does not parse fails the start")
	void failsOnUnparsableExpiry(Class<?> controller) {
		FailureAnalysis analysis = analyze(controller);
		assertThat(analysis.getDescription()).contains(controller.getName() + "#pay", "@Idempotent(expiry = ");
		assertThat(analysis.getAction()).contains("PT5M");
	}

	@ParameterizedTest
	@ValueSource(classes = { Events.class, Streaming.class, Emitter.class, StreamingEntity.class, EventsEntity.class,
			AnnotatedClass.class })
	@DisplayName("M6: @Idempotent on a handler that streams fails the start")
	void failsOnStreamingHandler(Class<?> controller) {
		FailureAnalysis analysis = analyze(controller);
		assertThat(analysis.getDescription()).contains(controller.getName() + "#pay", "@Idempotent", "stream");
		assertThat(analysis.getAction()).contains("Remove @Idempotent");
	}

	@Test
	@DisplayName("M6: streaming handlers without @Idempotent are no mistake")
	void startsWithStreamingHandlers() {
		StartFailures.RUNNER.withUserConfiguration(ExemptStreaming.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	@DisplayName("M6: an application prints the analysis")
	void printsAnalysis(CapturedOutput output) {
		assertThatException().isThrownBy(() -> TestApp.start(List.of(BothOnMethod.class), "idempotency.store=memory"));
		assertThat(output).contains("APPLICATION FAILED TO START", BothOnMethod.class.getName() + "#pay",
				"Remove @Idempotent to leave the handler unprotected, or @IdempotencyExempt to protect it.");
	}

	private static FailureAnalysis analyze(Class<?> controller) {
		return StartFailures.analyze(StartFailures.RUNNER.withUserConfiguration(controller));
	}

	@RestController
	static class BothOnMethod {

		@PostMapping("/")
		@Idempotent
		@IdempotencyExempt
		void pay() {
		}

	}

	@RestController
	@Idempotent
	@IdempotencyExempt
	static class BothOnClass {

		@PostMapping("/")
		void pay() {
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@IdempotencyExempt
	@interface Repeatable {

	}

	@RestController
	static class BothByMetaAnnotation {

		@PostMapping("/")
		@Repeatable
		@Idempotent
		void pay() {
		}

	}

	@RestController
	static class BothInherited extends BothOnMethod {

		@Override
		void pay() {
		}

	}

	@RestController
	static class UnknownStore {

		@PostMapping("/")
		@Idempotent(store = "audit")
		void pay() {
		}

	}

	@RestController
	static class NoStoreBean {

		@PostMapping("/")
		@Idempotent(store = "mvcConversionService")
		void pay() {
		}

	}

	@RestController
	static class UnresolvableStore {

		@PostMapping("/")
		@Idempotent(store = "${no.such.property}")
		void pay() {
		}

	}

	@RestController
	static class UnparsableExpiry {

		@PostMapping("/")
		@Idempotent(expiry = "tomorrow")
		void pay() {
		}

	}

	@RestController
	static class NegativeExpiry {

		@PostMapping("/")
		@Idempotent(expiry = "-5m")
		void pay() {
		}

	}

	@RestController
	static class EndlessExpiry {

		@PostMapping("/")
		@Idempotent(expiry = "200000000000d")
		void pay() {
		}

	}

	@RestController
	static class BlankExpiry {

		@PostMapping("/")
		@Idempotent(expiry = " ")
		void pay() {
		}

	}

	@RestController
	static class UnresolvableExpiry {

		@PostMapping("/")
		@Idempotent(expiry = "${no.such.property}")
		void pay() {
		}

	}

	@RestController
	static class Events {

		@PostMapping("/")
		@Idempotent
		SseEmitter pay() {
			return new SseEmitter();
		}

	}

	@RestController
	static class Streaming {

		@PostMapping("/")
		@Idempotent
		@Nullable StreamingResponseBody pay() {
			return null;
		}

	}

	@RestController
	static class Emitter {

		@PostMapping("/")
		@Idempotent(optional = true)
		ResponseBodyEmitter pay() {
			return new ResponseBodyEmitter();
		}

	}

	@RestController
	static class StreamingEntity {

		@PostMapping("/")
		@Idempotent
		ResponseEntity<StreamingResponseBody> pay() {
			return ResponseEntity.noContent().build();
		}

	}

	@RestController
	static class EventsEntity {

		@PostMapping("/")
		@Idempotent
		ResponseEntity<SseEmitter> pay() {
			return ResponseEntity.noContent().build();
		}

	}

	@RestController
	@Idempotent
	static class AnnotatedClass extends Emitter {

		@PostMapping("/other")
		ResponseBodyEmitter payOther() {
			return new ResponseBodyEmitter();
		}

		@Override
		@IdempotencyExempt
		ResponseBodyEmitter pay() {
			return new ResponseBodyEmitter();
		}

	}

	@RestController
	@Idempotent
	static class ExemptStreaming {

		@PostMapping("/exempt")
		@IdempotencyExempt
		SseEmitter events() {
			return new SseEmitter();
		}

	}

}
