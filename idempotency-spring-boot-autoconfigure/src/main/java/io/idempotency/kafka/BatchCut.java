package io.idempotency.kafka;

import java.util.List;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Where the batch that a container's thread works on is cut off: at the first record that
 * was refused for now. The records before it are the batch, as long as an error of theirs
 * is handled.
 */
final class BatchCut {

	private final ThreadLocal<ConsumerRecord<?, ?>> record = new ThreadLocal<>();

	private final ThreadLocal<Boolean> handling = new ThreadLocal<>();

	/**
	 * Begins with a batch, or goes on with one that is retried while its error is
	 * handled.
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
	 * Returns how many of some records belong to the batch.
	 */
	int lengthOf(List<? extends ConsumerRecord<?, ?>> records) {
		ConsumerRecord<?, ?> first = this.record.get();
		int index = (first != null) ? indexOf(first, records) : -1;
		return (index < 0) ? records.size() : index;
	}

	/**
	 * Returns the place of a record, which may have become another object on its way.
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
	 * Handles the error of a batch, which may run the listener again.
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
	 * @param <T> what comes of it
	 */
	@FunctionalInterface
	interface Handling<T extends @Nullable Object> {

		T handle();

	}

}
