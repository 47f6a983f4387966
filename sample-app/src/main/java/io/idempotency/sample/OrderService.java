package io.idempotency.sample;

import java.util.List;
import java.util.UUID;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMode;
import io.idempotency.StepWork;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Service;

/**
 * Places orders in three steps. The second one calls another service. An order that fails
 * or is cut off resumes after the last step that was taken.
 * <p>
 * The service is not transactional, because its steps may have their own transactions.
 */
@Service
class OrderService {

	/**
	 * The step that charges.
	 */
	static final String CAPTURE = "capture";

	private final OrderLedger ledger;

	private final PaymentProvider provider;

	OrderService(OrderLedger ledger, PaymentProvider provider) {
		this.ledger = ledger;
		this.provider = provider;
	}

	Order place(PaymentRequest request, IdempotencyContext context) {
		UUID reservation = take(context, "reserve", UUID.class, null, (step) -> this.ledger.reserve(request));
		Charge charge = take(context, CAPTURE, Charge.class, StepMode.SEPARATE,
				(step) -> this.provider.capture(request, step.key()));
		return take(context, "book", Order.class, null, (step) -> this.ledger.book(request, reservation, charge));
	}

	/**
	 * Takes a step.
	 * @param mode how the step is stored, or {@code null} for the mode that the handler
	 * declares
	 */
	<T> T take(IdempotencyContext context, String name, Class<T> type, @Nullable StepMode mode,
			StepWork<T, RuntimeException> work) {
		return context.step(name, type, mode, work);
	}

	Order find(UUID id) {
		return this.ledger.find(id).orElseThrow(() -> OrderException.notFound(id));
	}

	List<Order> newestFirst() {
		return this.ledger.newestFirst();
	}

}
