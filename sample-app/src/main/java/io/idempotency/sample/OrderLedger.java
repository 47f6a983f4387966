package io.idempotency.sample;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Stores the reservations and orders in the database. Writes join the transaction of the
 * caller, if there is one.
 */
@Repository
class OrderLedger {

	private final JdbcClient jdbc;

	OrderLedger(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	UUID reserve(PaymentRequest request) {
		UUID id = UUID.randomUUID();
		this.jdbc.sql("""
				insert into reservation (id, amount, currency, reference, created_at)
				values (:id, :amount, :currency, :reference, :createdAt)
				""")
			.param("id", id)
			.param("amount", request.amount())
			.param("currency", request.currency())
			.param("reference", request.reference())
			.param("createdAt", now().atOffset(ZoneOffset.UTC))
			.update();
		return id;
	}

	Order book(PaymentRequest request, UUID reservation, Charge charge) {
		Order order = new Order(UUID.randomUUID(), reservation, charge.id(), request.amount().setScale(2),
				request.currency(), request.reference(), now());
		this.jdbc.sql("""
				insert into placed_order (id, reservation, charge, amount, currency, reference, created_at)
				values (:id, :reservation, :charge, :amount, :currency, :reference, :createdAt)
				""")
			.param("id", order.id())
			.param("reservation", order.reservation())
			.param("charge", order.charge())
			.param("amount", order.amount())
			.param("currency", order.currency())
			.param("reference", order.reference())
			.param("createdAt", order.createdAt().atOffset(ZoneOffset.UTC))
			.update();
		return order;
	}

	List<Order> newestFirst() {
		return this.jdbc.sql("select * from placed_order order by line desc").query(Order.class).list();
	}

	Optional<Order> find(UUID id) {
		return this.jdbc.sql("select * from placed_order where id = :id").param("id", id).query(Order.class).optional();
	}

	private static Instant now() {
		return Instant.now().truncatedTo(ChronoUnit.MILLIS);
	}

}
