package io.idempotency.kotlin

import io.idempotency.Idempotent
import io.idempotency.engine.IdempotencyEngine
import io.idempotency.method.IdempotencyKeyReusedException
import io.idempotency.policy.InvalidIdempotencyConfigurationException
import io.idempotency.testing.Runs
import io.idempotency.testing.StoreKind
import io.idempotency.testing.TestApp
import io.idempotency.testing.Worker
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.assertj.core.api.Assertions.catchThrowable
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.DisplayName
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import org.springframework.context.annotation.Bean
import org.springframework.context.annotation.Configuration
import java.time.Instant
import java.util.UUID

/**
 * V1: methods of beans in Kotlin, whose arguments and results are data classes. The
 * compiler is not asked to keep the names of parameters for Java.
 */
class KotlinMethodTests {

	@Test
	@DisplayName("V1: a method runs once, and a later call gets an equal data class")
	fun runsOnce() {
		val order = Order(TestApp.newKey(), listOf(Line("book", 2), Line("pen", 1)))
		val first = payments.pay(order)
		val second = payments.pay(order)
		assertThat(second).isEqualTo(first).isNotSameAs(first)
		assertThat(second.order.lines).containsExactly(Line("book", 2), Line("pen", 1))
		assertThat(RUNS.count(order.id)).isOne()
	}

	@Test
	@DisplayName("F2: data classes are compared by content")
	fun comparesContent() {
		val order = Order(TestApp.newKey(), listOf(Line("book", 2)))
		payments.pay(order)
		payments.pay(Order(order.id, listOf(Line("book", 2))))
		assertThatThrownBy { payments.pay(order.copy(lines = emptyList())) }
			.isInstanceOf(IdempotencyKeyReusedException::class.java)
		assertThat(RUNS.count(order.id)).isOne()
	}

	@Test
	@DisplayName("V1: null, nothing and lists are results")
	fun storesOtherResults() {
		val key = TestApp.newKey()
		repeat(2) {
			assertThat(payments.find("null $key")).isNull()
			payments.nothing("nothing $key")
			assertThat(payments.all("all $key")).containsExactly(Line("pen", 1))
		}
		assertThat(listOf("null $key", "nothing $key", "all $key").map(RUNS::count)).containsOnly(1)
	}

	@Test
	@DisplayName("V1: a declared exception is an answer")
	fun storesDeclaredException() {
		val key = TestApp.newKey()
		repeat(2) {
			assertThatThrownBy { payments.decline(key) }.isInstanceOf(DeclinedException::class.java)
				.hasMessage("declined $key")
		}
		assertThat(RUNS.count(key)).isOne()
	}

	@ParameterizedTest
	@ValueSource(classes = [FinalClass::class, FinalMethod::class, Suspending::class])
	@DisplayName("M10: what cannot be intercepted or stored does not start, and the message says what to change")
	fun failsAtStart(type: Class<*>) {
		val failure = catchThrowable { Worker.start(listOf(type), StoreKind.MEMORY).close() }
		assertThat(generateSequence(failure) { it.cause }.last())
			.isInstanceOf(InvalidIdempotencyConfigurationException::class.java)
			.hasMessageContaining(type.simpleName)
			.hasMessageContaining(if (type == Suspending::class.java) "suspending function" else "is final")
	}

	companion object {

		private val RUNS = Runs()

		private val worker: Worker by lazy { Worker.start(listOf(Methods::class.java), StoreKind.MEMORY) }

		private val payments: Payments get() = worker.bean(Payments::class.java)

		@JvmStatic
		@AfterAll
		fun stop() {
			assertThat(worker.bean(IdempotencyEngine::class.java).leasesHeld()).isZero()
			worker.close()
		}

	}

	data class Line(val article: String, val count: Int)

	data class Order(val id: String, val lines: List<Line>, val note: String? = null)

	data class Receipt(val number: UUID, val paidAt: Instant, val order: Order, val run: Int)

	class DeclinedException(message: String) : RuntimeException(message)

	open class Payments {

		@Idempotent(key = "#order.id", fingerprint = "#order")
		open fun pay(order: Order) = Receipt(UUID.randomUUID(), Instant.now(), order, RUNS.next(order.id))

		@Idempotent(key = "#key")
		open fun find(key: String): Receipt? {
			RUNS.next(key)
			return null
		}

		@Idempotent(key = "#key")
		open fun nothing(key: String) {
			RUNS.next(key)
		}

		@Idempotent(key = "#key")
		open fun all(key: String): List<Line> {
			RUNS.next(key)
			return listOf(Line("pen", 1))
		}

		@Idempotent(key = "#key", storedExceptions = [DeclinedException::class])
		open fun decline(key: String): Receipt {
			RUNS.next(key)
			throw DeclinedException("declined $key")
		}

	}

	class FinalClass {

		@Idempotent(key = "#key")
		fun pay(key: String) = key

	}

	open class FinalMethod {

		@Idempotent(key = "#key")
		fun pay(key: String) = key

	}

	open class Suspending {

		@Idempotent(key = "#key")
		open suspend fun pay(key: String) = key

	}

	@Configuration(proxyBeanMethods = false)
	open class Methods {

		@Bean
		open fun payments() = Payments()

	}

}
