package io.idempotency.gauntlet;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.idempotency.Idempotent;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * An application with JPA, whose answers are read from the database while they are
 * written.
 */
@Configuration(proxyBeanMethods = false)
@AutoConfigurationPackage
@Import({ Orders.Desk.class, Orders.Handler.class })
class Orders {

	@Entity
	@Table(name = "gauntlet_order")
	static class Order {

		@Id
		@GeneratedValue(strategy = GenerationType.SEQUENCE)
		@Nullable Long id;

		@ElementCollection
		List<String> lines = new ArrayList<>();

		public List<String> getLines() {
			return this.lines;
		}

	}

	static class Desk {

		private final EntityManager entities;

		Desk(EntityManager entities) {
			this.entities = entities;
		}

		@Transactional
		public Long order() {
			Order order = new Order();
			order.lines.add("one");
			order.lines.add("two");
			this.entities.persist(order);
			this.entities.flush();
			this.entities.clear();
			return Objects.requireNonNull(order.id);
		}

		public Order find(Long id) {
			return this.entities.find(Order.class, id);
		}

	}

	@RestController
	@Idempotent(optional = true)
	static class Handler {

		private final Ledger ledger;

		private final Desk desk;

		Handler(Ledger ledger, Desk desk) {
			this.ledger = ledger;
			this.desk = desk;
		}

		/**
		 * The lines are loaded when the answer is written.
		 */
		@PostMapping("/j/lazy")
		Order lazy() {
			this.ledger.charge();
			return this.desk.find(this.desk.order());
		}

	}

}
