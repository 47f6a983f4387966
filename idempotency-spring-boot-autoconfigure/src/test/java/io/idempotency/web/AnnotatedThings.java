package io.idempotency.web;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.testing.Runs;

import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.AliasFor;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Endpoints for every HTTP method, annotated in every place where an annotation can be,
 * which count their runs by the last part of the path.
 */
@Import({ AnnotatedThings.Counter.class, AnnotatedThings.OnMethod.class, AnnotatedThings.OnClass.class,
		AnnotatedThings.OnExemptClass.class, AnnotatedThings.OnSuperclass.class, AnnotatedThings.OnInterface.class,
		AnnotatedThings.Safe.class, AnnotatedThings.SafeInClass.class })
class AnnotatedThings {

	@Component
	@Import(Runs.class)
	static class Counter {

		private final Runs runs;

		Counter(Runs runs) {
			this.runs = runs;
		}

		ResponseEntity<String> run(String name) {
			return ResponseEntity.status(201).body("run " + this.runs.next(name));
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@Idempotent
	@interface Pays {

		@AliasFor(annotation = Idempotent.class, attribute = "optional")
		boolean keyOptional() default false;

	}

	@Retention(RetentionPolicy.RUNTIME)
	@IdempotencyExempt
	@interface Repeatable {

	}

	@RestController
	@RequestMapping("/on-method")
	static class OnMethod {

		private final Counter counter;

		OnMethod(Counter counter) {
			this.counter = counter;
		}

		@Idempotent
		@RequestMapping("/required/{name}")
		ResponseEntity<String> required(@PathVariable String name) {
			return this.counter.run(name);
		}

		@Idempotent(optional = true)
		@RequestMapping("/optional/{name}")
		ResponseEntity<String> optional(@PathVariable String name) {
			return this.counter.run(name);
		}

		@IdempotencyExempt
		@RequestMapping("/exempt/{name}")
		ResponseEntity<String> exempt(@PathVariable String name) {
			return this.counter.run(name);
		}

		@Pays
		@RequestMapping("/meta-required/{name}")
		ResponseEntity<String> metaRequired(@PathVariable String name) {
			return this.counter.run(name);
		}

		@Pays(keyOptional = true)
		@RequestMapping("/meta-optional/{name}")
		ResponseEntity<String> metaOptional(@PathVariable String name) {
			return this.counter.run(name);
		}

		@Repeatable
		@RequestMapping("/meta-exempt/{name}")
		ResponseEntity<String> metaExempt(@PathVariable String name) {
			return this.counter.run(name);
		}

	}

	@RestController
	@RequestMapping("/on-class")
	@Idempotent
	static class OnClass {

		private final Counter counter;

		OnClass(Counter counter) {
			this.counter = counter;
		}

		@RequestMapping("/inherited/{name}")
		ResponseEntity<String> inherited(@PathVariable String name) {
			return this.counter.run(name);
		}

		@Idempotent(optional = true)
		@RequestMapping("/optional/{name}")
		ResponseEntity<String> optional(@PathVariable String name) {
			return this.counter.run(name);
		}

		@Repeatable
		@RequestMapping("/exempt/{name}")
		ResponseEntity<String> exempt(@PathVariable String name) {
			return this.counter.run(name);
		}

	}

	@RestController
	@RequestMapping("/on-exempt-class")
	@IdempotencyExempt
	static class OnExemptClass {

		private final Counter counter;

		OnExemptClass(Counter counter) {
			this.counter = counter;
		}

		@RequestMapping("/inherited/{name}")
		ResponseEntity<String> inherited(@PathVariable String name) {
			return this.counter.run(name);
		}

		@Idempotent
		@RequestMapping("/required/{name}")
		ResponseEntity<String> required(@PathVariable String name) {
			return this.counter.run(name);
		}

	}

	@Idempotent
	abstract static class Payments {

		protected final Counter counter;

		Payments(Counter counter) {
			this.counter = counter;
		}

		@RequestMapping("/of-class/{name}")
		ResponseEntity<String> ofClass(@PathVariable String name) {
			return this.counter.run(name);
		}

		@RequestMapping("/overridden/{name}")
		@Idempotent(optional = true)
		ResponseEntity<String> overridden(@PathVariable String name) {
			return this.counter.run(name);
		}

		@RequestMapping("/exempted/{name}")
		@Idempotent
		ResponseEntity<String> exempted(@PathVariable String name) {
			return this.counter.run(name);
		}

		@RequestMapping("/protected/{name}")
		@IdempotencyExempt
		ResponseEntity<String> protectedAgain(@PathVariable String name) {
			return this.counter.run(name);
		}

	}

	@RestController
	@RequestMapping("/on-superclass")
	static class OnSuperclass extends Payments {

		OnSuperclass(Counter counter) {
			super(counter);
		}

		@Override
		ResponseEntity<String> overridden(String name) {
			return this.counter.run(name);
		}

		@Override
		@IdempotencyExempt
		ResponseEntity<String> exempted(String name) {
			return this.counter.run(name);
		}

		@Override
		@Idempotent
		ResponseEntity<String> protectedAgain(String name) {
			return this.counter.run(name);
		}

	}

	@IdempotencyExempt
	interface PaymentsApi<T> {

		@RequestMapping("/of-type/{name}")
		ResponseEntity<String> ofType(@PathVariable String name);

		@RequestMapping("/of-method/{name}")
		@Idempotent
		ResponseEntity<String> ofMethod(@PathVariable T name);

	}

	@RestController
	@RequestMapping("/on-interface")
	static class OnInterface implements PaymentsApi<String> {

		private final Counter counter;

		OnInterface(Counter counter) {
			this.counter = counter;
		}

		@Override
		public ResponseEntity<String> ofType(String name) {
			return this.counter.run(name);
		}

		@Override
		public ResponseEntity<String> ofMethod(String name) {
			return this.counter.run(name);
		}

	}

	@RestController
	static class Safe {

		private final Counter counter;

		Safe(Counter counter) {
			this.counter = counter;
		}

		@Idempotent
		@GetMapping("/safe/on-method/{name}")
		ResponseEntity<String> read(@PathVariable String name) {
			return this.counter.run(name);
		}

	}

	@RestController
	@Idempotent
	static class SafeInClass {

		private final Counter counter;

		SafeInClass(Counter counter) {
			this.counter = counter;
		}

		@GetMapping("/safe/on-class/{name}")
		ResponseEntity<String> read(@PathVariable String name) {
			return this.counter.run(name);
		}

	}

}
