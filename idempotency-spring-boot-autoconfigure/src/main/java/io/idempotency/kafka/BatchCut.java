package io.idempotency.kafka;

import java.util.List;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for each thread of a container where its batch is cut off: at the first
 * record that was refused for now. While an error of the listener is handled, the batch
 * consists only of the records before that one.
 */
final class BatchCut {

	private final ThreadLocal<ConsumerRecord<?, ?>> record = new ThreadLocal<>();

	private final ThreadLocal<Boolean> handling = new ThreadLocal<>();

	/**
	 * Begins a batch. If the batch is retried while its error is handled, the cut stays.
	 */
	void begin() {
		if (!isHandling()) {
			this.record.remove();
		}
	}

	void at(ConsumerRecord<?, ?> refused) {
		this.record.set(refused);
	}

	/**
	 * Returns how many of the given records come before the cut.
	 */
	int lengthOf(List<? extends ConsumerRecord<?, ?>> records) {
		ConsumerRecord<?, ?> first = this.record.get();
		int index = (first != null) ? indexOf(first, records) : -1;
		return (index < 0) ? records.size() : index;
	}

	/**
	 * Returns the index of a record, or -1. Records are compared by topic, partition and
	 * offset, because the record may have been replaced by another object.
	 */
	static int indexOf(ConsumerRecord<?, ?> record, List<? extends ConsumerRecord<?, ?>> records) {
		for (int i = 0; i < records.size(); i++) {
			ConsumerRecord<?, ?> other = records.get(i);
			if (other.offset() == record.offset() && other.partition() == record.partition()
					&& other.topic().equals(record.topic())) {
				return i;
			}
		}
		return -1;
	}

	boolean isHandling() {
		return Boolean.TRUE.equals(this.handling.get());
	}

	/**
	 * Handles the error of a batch. This may call the listener again.
	 */
	<T extends @Nullable Object> T handle(Handling<T> handling) {
		this.handling.set(true);
		try {
			return handling.handle();
		}
		finally {
			this.handling.remove();
		}
	}

	void end() {
		this.record.remove();
	}

	/**
	 * Handles an error.
	 *
	 * @param <T> the type of the result
	 */
	@FunctionalInterface
	interface Handling<T extends @Nullable Object> {

		T handle();

	}

}
