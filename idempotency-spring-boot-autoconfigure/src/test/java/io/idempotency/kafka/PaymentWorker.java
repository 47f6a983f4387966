package io.idempotency.kafka;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotent;
import io.idempotency.testing.Worker;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.listener.RecordInterceptor;

/**
 * A process whose listener writes each payment into a table, and which halts at a moment
 * that it has drawn.
 */
final class PaymentWorker {

	static final String READY = "The worker listens";

	/**
	 * In records that come to one moment, duplicates among them.
	 */
	static final int LONGEST_LIFE = 120;

	private PaymentWorker() {
	}

	/**
	 * Starts the process.
	 * @param properties name=value pairs; {@code topic} is the one to listen to
	 */
	public static void main(String[] properties) {
		Worker.start(List.of(Listening.class), properties);
		System.out.println(READY);
	}

	enum Moment {

		/**
		 * The record was polled; nothing is known of its key.
		 */
		POLLED,

		/**
		 * The listener has begun.
		 */
		IN_LISTENER,

		/**
		 * The listener has done its work, and has not returned.
		 */
		AFTER_WORK,

		/**
		 * All is stored, and nothing is acknowledged.
		 */
		BEFORE_ACKNOWLEDGEMENT

	}

	private static final class Fate {

		private final Moment moment = Moment.values()[random(Moment.values().length)];

		private final AtomicInteger life = new AtomicInteger(1 + random(LONGEST_LIFE));

		void reached(Moment moment) {
			if (moment == this.moment && this.life.decrementAndGet() == 0) {
				Runtime.getRuntime().halt(137);
			}
		}

		private static int random(int bound) {
			return ThreadLocalRandom.current().nextInt(bound);
		}

	}

	static class Payments {

		private final JdbcClient jdbc;

		private final Fate fate;

		Payments(JdbcClient jdbc, Fate fate) {
			this.jdbc = jdbc;
			this.fate = fate;
		}

		@Idempotent
		@KafkaListener(topics = "${topic}", concurrency = "2")
		void pay(String id) {
			this.fate.reached(Moment.IN_LISTENER);
			this.jdbc.sql("insert into effect (id) values (?)").param(id).update();
			this.fate.reached(Moment.AFTER_WORK);
		}

	}

	private static final class FatefulInterceptor implements RecordInterceptor<String, String> {

		private final Fate fate;

		FatefulInterceptor(Fate fate) {
			this.fate = fate;
		}

		@Override
		public ConsumerRecord<String, String> intercept(ConsumerRecord<String, String> record,
				Consumer<String, String> consumer) {
			this.fate.reached(Moment.POLLED);
			return record;
		}

		@Override
		public void success(ConsumerRecord<String, String> record, Consumer<String, String> consumer) {
			this.fate.reached(Moment.BEFORE_ACKNOWLEDGEMENT);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		private final Fate fate = new Fate();

		@Bean
		Payments payments(JdbcClient jdbc) {
			return new Payments(jdbc, this.fate);
		}

		@Bean
		RecordInterceptor<String, String> fatefulInterceptor() {
			return new FatefulInterceptor(this.fate);
		}

	}

}
