package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Stores the payments and refunds in the database.
 */
@Repository
class PaymentLedger {

	private final JdbcClient jdbc;

	PaymentLedger(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void add(Payment payment) {
		this.jdbc.sql("""
				insert into payment (id, amount, currency, reference, status, refunded, created_at)
				values (:id, :amount, :currency, :reference, :status, :refunded, :createdAt)
				""")
			.param("id", payment.id())
			.param("amount", payment.amount())
			.param("currency", payment.currency())
			.param("reference", payment.reference())
			.param("status", payment.status().name())
			.param("refunded", payment.refunded())
			.param("createdAt", payment.createdAt().atOffset(ZoneOffset.UTC))
			.update();
	}

	List<Payment> newestFirst() {
		return this.jdbc.sql("select * from payment order by line desc").query(Payment.class).list();
	}

	Optional<Payment> find(UUID id) {
		return this.jdbc.sql("select * from payment where id = :id").param("id", id).query(Payment.class).optional();
	}

	/**
	 * Adds an amount to the refunded amount of a payment in a single statement, so that
	 * concurrent refunds cannot exceed the payment together.
	 * @return whether the payment covers the refund
	 */
	boolean reserveRefund(UUID paymentId, BigDecimal amount) {
		return this.jdbc.sql("""
				update payment set refunded = refunded + :amount,
				  status = case when refunded + :amount = amount then 'REFUNDED' else 'PARTLY_REFUNDED' end
				where id = :id and refunded + :amount <= amount
				""").param("id", paymentId).param("amount", amount).update() == 1;
	}

	void add(Refund refund) {
		this.jdbc.sql("""
				insert into refund (id, payment_id, amount, created_at)
				values (:id, :paymentId, :amount, :createdAt)
				""")
			.param("id", refund.id())
			.param("paymentId", refund.paymentId())
			.param("amount", refund.amount())
			.param("createdAt", refund.createdAt().atOffset(ZoneOffset.UTC))
			.update();
	}

}
