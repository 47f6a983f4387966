package io.idempotency.kafka;

import java.util.ArrayList;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

import org.springframework.kafka.listener.AfterRollbackProcessor;
import org.springframework.kafka.listener.ContainerProperties.EOSMode;
import org.springframework.kafka.listener.DeliveryAttemptAware;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.support.TopicPartitionOffset;

/**
 * Makes a container that runs each record in a transaction deliver refused records again,
 * and passes other rollbacks to the application's processor.
 *
 * @param <K> the type of keys of records
 * @param <V> the type of values of records
 */
final class RedeliveringRollbackProcessor<K, V> implements AfterRollbackProcessor<K, V>, DeliveryAttemptAware {

	private static final Log logger = LogFactory.getLog(RedeliveringRollbackProcessor.class);

	private final AfterRollbackProcessor<? super K, ? super V> delegate;

	private final Redelivery redelivery;

	RedeliveringRollbackProcessor(AfterRollbackProcessor<? super K, ? super V> delegate, Redelivery redelivery) {
		this.delegate = delegate;
		this.redelivery = redelivery;
	}

	@Override
	@SuppressWarnings("unchecked")
	public void process(List<ConsumerRecord<K, V>> records, Consumer<K, V> consumer, MessageListenerContainer container,
			Exception exception, boolean recoverable, EOSMode eosMode) {
		RefusedRecordException refusal = RefusedRecordException.in(exception);
		if (refusal == null) {
			((AfterRollbackProcessor<K, V>) this.delegate).process(records, consumer, container, exception, recoverable,
					eosMode);
			return;
		}
		try {
			this.redelivery.later(refusal, new ArrayList<>(records), consumer, container);
		}
		catch (RuntimeException ex) {
			logger.trace("The transaction was already rolled back", ex);
		}
	}

	@Override
	public void clearThreadState() {
		this.delegate.clearThreadState();
		this.redelivery.clearThreadState();
	}

	@Override
	public boolean isProcessInTransaction() {
		return this.delegate.isProcessInTransaction();
	}

	@Override
	public int deliveryAttempt(TopicPartitionOffset record) {
		return (this.delegate instanceof DeliveryAttemptAware aware) ? aware.deliveryAttempt(record) : 1;
	}

}
