package io.idempotency.kafka;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Converts batches to lists and back.
 */
final class Batches {

	private Batches() {
	}

	static <K, V> List<ConsumerRecord<K, V>> list(ConsumerRecords<K, V> batch) {
		List<ConsumerRecord<K, V>> records = new ArrayList<>(batch.count());
		batch.forEach(records::add);
		return records;
	}

	/**
	 * Returns records as a batch. Records keep their order within a partition, and
	 * partitions are in the order of their first records.
	 */
	static <K, V> ConsumerRecords<K, V> of(List<ConsumerRecord<K, V>> records) {
		Map<TopicPartition, List<ConsumerRecord<K, V>>> partitions = new LinkedHashMap<>();
		records.forEach(
				(record) -> partitions.computeIfAbsent(Redelivery.partition(record), (partition) -> new ArrayList<>())
					.add(record));
		return new ConsumerRecords<>(partitions, Map.of());
	}

}
