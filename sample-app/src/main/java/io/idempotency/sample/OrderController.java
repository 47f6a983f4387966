package io.idempotency.sample;

import java.net.URI;
import java.util.List;
import java.util.UUID;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import jakarta.validation.Valid;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Profile;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Places orders, which requires an idempotency key. The result of each step is stored
 * after the step. A crash between the two means that the step is taken again.
 */
@Idempotent
@RestController
@RequestMapping("/orders")
@Profile("!postgres")
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
class OrderController {

	private final OrderService orders;

	OrderController(OrderService orders) {
		this.orders = orders;
	}

	@PostMapping
	ResponseEntity<Order> place(@Valid @RequestBody PaymentRequest request, IdempotencyContext context) {
		Order order = this.orders.place(request, context);
		return ResponseEntity.created(URI.create("/orders/" + order.id())).body(order);
	}

	@GetMapping
	@IdempotencyExempt
	List<Order> ledger() {
		return this.orders.newestFirst();
	}

	@GetMapping("/{id}")
	@IdempotencyExempt
	Order find(@PathVariable UUID id) {
		return this.orders.find(id);
	}

}
