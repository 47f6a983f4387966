package io.idempotency.sample;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMode;
import io.idempotency.StepWork;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.Primary;
import org.springframework.stereotype.Service;

/**
 * Places orders, and lets clients name the step after which their order is cut off, so
 * that one can watch it resume. A service in production does not do this.
 */
@Service
@Primary
class ShowcaseOrders extends OrderService {

	static final String CUT_OFF_HEADER = "Showcase-Cut-Off-After";

	private final HttpServletRequest request;

	ShowcaseOrders(OrderLedger ledger, PaymentProvider provider, HttpServletRequest request) {
		super(ledger, provider);
		this.request = request;
	}

	@Override
	<T> T take(IdempotencyContext context, String name, Class<T> type, @Nullable StepMode mode,
			StepWork<T, RuntimeException> work) {
		T result = super.take(context, name, type, mode, work);
		if (name.equals(this.request.getHeader(CUT_OFF_HEADER))) {
			throw OrderException.cutOff(name);
		}
		return result;
	}

}
