package io.idempotency.kotlin

import io.idempotency.IdempotencyContext
import io.idempotency.Idempotent
import io.idempotency.testing.Runs
import io.idempotency.testing.StoreKind
import io.idempotency.testing.TestApp
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.awaitility.Awaitility.await
import org.junit.jupiter.api.DisplayName
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import org.springframework.context.annotation.Import
import org.springframework.http.HttpStatus
import org.springframework.http.ResponseEntity
import org.springframework.web.bind.annotation.ExceptionHandler
import org.springframework.web.bind.annotation.PostMapping
import org.springframework.web.bind.annotation.RequestBody
import org.springframework.web.bind.annotation.RequestHeader
import org.springframework.web.bind.annotation.ResponseStatus
import org.springframework.web.bind.annotation.RestController
import org.springframework.web.server.ResponseStatusException
import java.net.http.HttpResponse
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap

/**
 * Handlers in Kotlin, with data classes. A suspending function is an asynchronous handler.
 */
class KotlinHandlerTests {

	@ParameterizedTest
	@ValueSource(strings = ["ordinary", "suspending", "at-once", "entity", "nothing", "flow"])
	@DisplayName("H1, H2, R1: ordinary and suspending functions run once, and retries get the same bytes")
	fun replays(kind: String) {
		val app = app()
		val key = TestApp.newKey()
		val first = app.post("/$kind", key, PAYMENT)
		assertThat(first.statusCode()).isEqualTo(if (kind == "entity") 201 else 200)
		assertThat(first.isReplay()).isFalse()
		val retry = app.post("/$kind", key, PAYMENT)
		assertThat(retry.statusCode()).isEqualTo(first.statusCode())
		assertThat(retry.body()).isEqualTo(first.body())
		assertThat(retry.headers().allValues("X-Receipt")).isEqualTo(first.headers().allValues("X-Receipt"))
		assertThat(retry.isReplay()).isTrue()
		assertThat(app.runs(key)).isOne()
	}

	@ParameterizedTest
	@ValueSource(strings = ["ordinary", "suspending", "at-once", "entity", "nothing", "flow"])
	@DisplayName("M4, F2: they require a key, and compare the content")
	fun requiresKeyAndComparesContent(kind: String) {
		val app = app()
		assertThat(app.post("/$kind", null, PAYMENT).statusCode()).isEqualTo(400)
		val key = TestApp.newKey()
		app.post("/$kind", key, PAYMENT)
		assertThat(app.post("/$kind", key, OTHER_PAYMENT).statusCode()).isEqualTo(422)
		assertThat(app.runs(key)).isOne()
	}

	@Test
	@DisplayName("R1: what a data class answers has its defaults and its nulls")
	fun answersDataClass() {
		val answer = app().post("/suspending", TestApp.newKey(), """{"account":"a","amount":5}""")
		assertThat(TestApp.text(answer)).isEqualTo("""{"number":1,"payment":{"account":"a","amount":5,"currency":"EUR","note":null}}""")
	}

	@Test
	@DisplayName("C1: a concurrent request is refused while the function is suspended")
	fun refusesConcurrentRequest() {
		val app = app()
		val key = TestApp.newKey()
		val first = CompletableFuture.supplyAsync { app.post("/held", key, PAYMENT) }
		await().until { app.runs(key) == 1 }
		assertThat(app.post("/held", key, PAYMENT).statusCode()).isEqualTo(409)
		app.bean(KotlinPayments::class.java).held(key).complete("done")
		assertThat(TestApp.text(first.get())).isEqualTo("done")
		assertThat(app.post("/held", key, PAYMENT).isReplay()).isTrue()
		assertThat(app.runs(key)).isOne()
	}

	@Test
	@DisplayName("C2: it waits where it may")
	fun letsConcurrentRequestWait() {
		val app = app("idempotency.wait-timeout=30s")
		val key = TestApp.newKey()
		val first = CompletableFuture.supplyAsync { app.post("/held", key, PAYMENT) }
		await().until { app.runs(key) == 1 }
		val second = CompletableFuture.supplyAsync { app.post("/held", key, PAYMENT) }
		await().until { app.suspendedRequests() == 1 }
		app.bean(KotlinPayments::class.java).held(key).complete("done")
		assertThat(first.get().isReplay()).isFalse()
		assertThat(TestApp.text(second.get())).isEqualTo("done")
		assertThat(second.get().isReplay()).isTrue()
	}

	@ParameterizedTest
	@ValueSource(strings = ["failing", "failing-at-once", "failing-handled"])
	@DisplayName("S5, S8: a suspending function that throws frees the key")
	fun freesKeyOfFailedFunction(kind: String) {
		val app = app()
		val key = TestApp.newKey()
		val first = app.post("/$kind", key, PAYMENT)
		assertThat(first.statusCode()).isEqualTo(402)
		assertThat(app.post("/$kind", key, PAYMENT).isReplay()).isFalse()
		assertThat(app.runs(key)).isEqualTo(2)
	}

	@ParameterizedTest
	@ValueSource(strings = ["failing", "failing-at-once", "failing-handled"])
	@DisplayName("S1: its error is stored where errors are")
	fun storesErrorOfFailedFunction(kind: String) {
		val app = app("idempotency.store-on-statuses=2xx,4xx")
		val key = TestApp.newKey()
		val first = app.post("/$kind", key, PAYMENT)
		val retry = app.post("/$kind", key, PAYMENT)
		assertThat(retry.statusCode()).isEqualTo(402).isEqualTo(first.statusCode())
		assertThat(retry.isReplay()).isTrue()
		assertThat(app.runs(key)).isOne()
	}

	@Test
	@DisplayName("C7: a function that is cancelled by a timeout does not run again before its lease lapses")
	fun blocksKeyOfCancelledFunction() {
		val app = app("spring.mvc.async.request-timeout=200ms", "idempotency.lease-duration=1s")
		val key = TestApp.newKey()
		assertThat(app.post("/held", key, PAYMENT).statusCode()).isEqualTo(503)
		assertThat(app.post("/held", key, PAYMENT).statusCode()).isEqualTo(409)
		await().until { app.bean(KotlinPayments::class.java).cancelled.contains(key) }
		await().until { app.post("/held", key, PAYMENT).statusCode() != 409 }
		assertThat(app.runs(key)).isEqualTo(2)
	}

	@Test
	@DisplayName("P2, Q1: the parameter of type IdempotencyContext works after a suspension, and keeps steps")
	fun givesContext() {
		val app = app()
		val key = TestApp.newKey()
		assertThat(app.post("/stepping", key, PAYMENT).statusCode()).isEqualTo(402)
		val second = app.post("/stepping", key, PAYMENT)
		assertThat(TestApp.text(second)).isEqualTo("""{"key":"$key","step":1}""")
		assertThat(app.runs("step $key")).isOne()
	}

	@Test
	@DisplayName("T1: it cannot be in a transaction, which is said at start")
	fun refusesTransactionalSuspendingFunction() {
		assertThatThrownBy { TestApp.start(listOf(TransactionalPayments::class.java), StoreKind.JDBC).close() }
			.hasStackTraceContaining("TransactionalPayments#pay is asynchronous")
	}

	private fun app(vararg properties: String): TestApp =
		TestApp.shared(listOf(KotlinPayments::class.java), StoreKind.MEMORY, *properties)

	private fun TestApp.runs(key: String): Int = bean(Runs::class.java).count(key)

	private fun HttpResponse<ByteArray>.isReplay(): Boolean = headers().firstValue("Idempotent-Replayed").isPresent

	companion object {

		private const val PAYMENT = """{"account":"a","amount":5,"note":"n"}"""

		private const val OTHER_PAYMENT = """{"account":"a","amount":6,"note":"n"}"""

	}

	data class Payment(val account: String, val amount: Long, val currency: String = "EUR", val note: String?)

	data class Receipt(val number: Int, val payment: Payment)

	data class Stepped(val key: String?, val step: Int)

	class DeclinedException : RuntimeException("declined")

	@Idempotent
	@RestController
	@Import(Runs::class)
	class KotlinPayments(private val runs: Runs) {

		private val held = ConcurrentHashMap<String, CompletableDeferred<String>>()

		val cancelled: MutableSet<String> = ConcurrentHashMap.newKeySet()

		fun held(key: String): CompletableDeferred<String> = held.computeIfAbsent(key) { CompletableDeferred() }

		@PostMapping("/ordinary")
		fun ordinary(@RequestBody payment: Payment, @RequestHeader(KEY) key: String) = receipt(payment, key)

		@PostMapping("/suspending")
		suspend fun suspending(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): Receipt {
			delay(20)
			return receipt(payment, key)
		}

		@PostMapping("/at-once")
		suspend fun atOnce(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): Receipt = receipt(payment, key)

		@PostMapping("/entity")
		suspend fun entity(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): ResponseEntity<Receipt> {
			delay(20)
			return ResponseEntity.status(HttpStatus.CREATED).header("X-Receipt", key).body(receipt(payment, key))
		}

		@PostMapping("/nothing")
		suspend fun nothing(@RequestBody payment: Payment, @RequestHeader(KEY) key: String) {
			delay(20)
			receipt(payment, key)
		}

		@PostMapping("/flow")
		fun flow(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): Flow<Receipt> = flow {
			emit(receipt(payment, key))
			delay(20)
			emit(Receipt(0, payment))
		}

		@PostMapping("/held")
		suspend fun hold(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): String {
			receipt(payment, key)
			try {
				return held(key).await()
			}
			catch (ex: kotlinx.coroutines.CancellationException) {
				cancelled.add(key)
				throw ex
			}
		}

		@PostMapping("/failing")
		suspend fun failing(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): Receipt {
			val receipt = receipt(payment, key)
			delay(20)
			throw ResponseStatusException(HttpStatus.PAYMENT_REQUIRED, "declined " + receipt.number)
		}

		@PostMapping("/failing-at-once")
		suspend fun failingAtOnce(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): Receipt =
			throw ResponseStatusException(HttpStatus.PAYMENT_REQUIRED, "declined " + receipt(payment, key).number)

		@PostMapping("/failing-handled")
		suspend fun failingHandled(@RequestBody payment: Payment, @RequestHeader(KEY) key: String): Receipt {
			receipt(payment, key)
			delay(20)
			throw DeclinedException()
		}

		@PostMapping("/stepping")
		suspend fun stepping(@RequestHeader(KEY) key: String, context: IdempotencyContext): Stepped {
			delay(20)
			val step = context.step<Int, RuntimeException>("charge", Int::class.javaObjectType) { runs.next("step $key") }
			if (runs.next(key) == 1) {
				throw DeclinedException()
			}
			return Stepped(context.key(), step)
		}

		@ExceptionHandler
		@ResponseStatus(HttpStatus.PAYMENT_REQUIRED)
		fun declined(ex: DeclinedException): Map<String, String?> = mapOf("reason" to ex.message)

		private fun receipt(payment: Payment, key: String) = Receipt(runs.next(key), payment)

	}

	@RestController
	class TransactionalPayments {

		@Idempotent(transactional = true)
		@PostMapping("/transactional")
		suspend fun pay(@RequestBody payment: Payment): Receipt {
			delay(20)
			return Receipt(1, payment)
		}

	}

}

private const val KEY = "Idempotency-Key"
