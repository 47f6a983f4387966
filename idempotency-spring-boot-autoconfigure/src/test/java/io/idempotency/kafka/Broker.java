package io.idempotency.kafka;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

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
		kafka.brokerProperties(Map.of("group.initial.rebalance.delay.ms", "0", "auto.create.topics.enable", "true"));
		kafka.afterPropertiesSet();
		Runtime.getRuntime().addShutdownHook(new Thread(kafka::destroy));
		return kafka;
	}

	/**
	 * Returns the properties of an application that uses it.
	 */
	static String[] properties() {
		return new String[] { "spring.kafka.bootstrap-servers=" + KAFKA.getBrokersAsString(),
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
		Map<TopicPartition, OffsetAndMetadata> offsets = ask(
				(admin) -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
		OffsetAndMetadata offset = offsets.get(new TopicPartition(topic, partition));
		return (offset != null) ? offset.offset() : 0;
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
