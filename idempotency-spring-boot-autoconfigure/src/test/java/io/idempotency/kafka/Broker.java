package io.idempotency.kafka;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

import io.idempotency.testing.LocalServer;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/**
 * The Kafka that tests share, each with topics of its own. It ends with the JVM.
 */
final class Broker {

	private static final EmbeddedKafkaKraftBroker KAFKA = start();

	private Broker() {
	}

	private static EmbeddedKafkaKraftBroker start() {
		EmbeddedKafkaKraftBroker kafka = new EmbeddedKafkaKraftBroker(1, 1);
		kafka.brokerProperties(Map.of("group.initial.rebalance.delay.ms", "0", "group.min.session.timeout.ms", "1000",
				"auto.create.topics.enable", "true", "transaction.state.log.replication.factor", "1",
				"transaction.state.log.min.isr", "1"));
		kafka.adminTimeout(Math.toIntExact(LocalServer.PATIENCE.toSeconds()));
		kafka.afterPropertiesSet();
		Runtime.getRuntime().addShutdownHook(new Thread(kafka::destroy));
		return kafka;
	}

	/**
	 * Returns where it is, as clients want it.
	 */
	static String servers() {
		return KAFKA.getBrokersAsString();
	}

	/**
	 * Returns the properties of an application that uses it.
	 */
	static String[] properties() {
		return new String[] { "spring.kafka.bootstrap-servers=" + servers(),
				"spring.kafka.consumer.auto-offset-reset=earliest", "spring.kafka.consumer.group-id=tests",
				"idempotency.kafka.retry-delay=50ms", "logging.level.org.apache.kafka=error",
				"logging.level.kafka=error", "logging.level.org.springframework.kafka=off" };
	}

	static void createTopic(String name, int partitions) {
		KAFKA.addTopics(new NewTopic(name, partitions, (short) 1));
	}

	/**
	 * Returns how far a group has acknowledged the records of a partition.
	 */
	static long acknowledged(String group, String topic, int partition) {
		OffsetAndMetadata offset = offsets(group).get(new TopicPartition(topic, partition));
		return (offset != null) ? offset.offset() : 0;
	}

	/**
	 * Returns how many records of a topic a group has acknowledged.
	 */
	static long acknowledged(String group, String topic) {
		return offsets(group).entrySet()
			.stream()
			.filter((offset) -> offset.getKey().topic().equals(topic))
			.mapToLong((offset) -> offset.getValue().offset())
			.sum();
	}

	private static Map<TopicPartition, OffsetAndMetadata> offsets(String group) {
		return ask((admin) -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
	}

	private static <T> T ask(Function<AdminClient, KafkaFuture<T>> question) {
		return KAFKA.doWithAdminFunction((admin) -> {
			try {
				return question.apply(admin).get();
			}
			catch (InterruptedException | ExecutionException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

}
