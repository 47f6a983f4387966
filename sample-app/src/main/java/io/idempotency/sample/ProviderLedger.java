package io.idempotency.sample;

import java.time.ZoneOffset;
import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Stores the charges of the payment provider in its database.
 */
@Repository
class ProviderLedger {

	private final JdbcClient jdbc;

	ProviderLedger(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void add(Charge charge) {
		this.jdbc.sql("""
				insert into provider_charge (id, amount, currency, reference, created_at)
				values (:id, :amount, :currency, :reference, :createdAt)
				""")
			.param("id", charge.id())
			.param("amount", charge.amount())
			.param("currency", charge.currency())
			.param("reference", charge.reference())
			.param("createdAt", charge.createdAt().atOffset(ZoneOffset.UTC))
			.update();
	}

	List<Charge> newestFirst() {
		return this.jdbc.sql("select * from provider_charge order by line desc").query(Charge.class).list();
	}

}
