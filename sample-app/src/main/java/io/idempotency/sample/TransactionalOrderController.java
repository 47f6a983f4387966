package io.idempotency.sample;

import io.idempotency.Idempotent;
import io.idempotency.StepMode;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Profile;
import org.springframework.web.bind.annotation.RestController;

/**
 * Places orders if the records are in the database of the orders. What a step writes
 * there is committed together with its result, or not at all.
 */
@Idempotent(steps = StepMode.TRANSACTIONAL)
@RestController
@Profile("postgres")
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
class TransactionalOrderController extends OrderController {

	TransactionalOrderController(OrderService orders) {
		super(orders);
	}

}
