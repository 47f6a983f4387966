package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.idempotency.store.ChangeHints;
import io.idempotency.store.IdempotencyStore.Registration;
import io.idempotency.store.RecordKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.data.redis.connection.Message;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;

/**
 * Hears from Redis which awaited records have ended: one subscription, made when the
 * first request waits, whatever the number of keys.
 */
final class RedisChanges {

	private static final Log logger = LogFactory.getLog(RedisChanges.class);

	private static final long RECOVERY_INTERVAL_MILLIS = 1000;

	private final ChangeHints hints = new ChangeHints();

	private final RedisConnectionFactory connectionFactory;

	private final String channel;

	private final Lock subscribing = new ReentrantLock();

	private @Nullable RedisMessageListenerContainer subscription;

	RedisChanges(RedisConnectionFactory connectionFactory, String channel) {
		this.connectionFactory = connectionFactory;
		this.channel = channel;
	}

	String channel() {
		return this.channel;
	}

	Registration add(RecordKey key, Runnable hint) {
		subscribe();
		return this.hints.add(key, hint);
	}

	private void subscribe() {
		this.subscribing.lock();
		try {
			if (this.subscription == null) {
				RedisMessageListenerContainer container = container();
				container.start();
				this.subscription = container;
			}
		}
		finally {
			this.subscribing.unlock();
		}
	}

	private RedisMessageListenerContainer container() {
		SimpleAsyncTaskExecutor subscriber = new SimpleAsyncTaskExecutor("idempotency-changes-");
		subscriber.setDaemon(true);
		RedisMessageListenerContainer container = new RedisMessageListenerContainer();
		container.setConnectionFactory(this.connectionFactory);
		container.setSubscriptionExecutor(subscriber);
		container.setTaskExecutor(Runnable::run);
		container.setRecoveryInterval(RECOVERY_INTERVAL_MILLIS);
		container.setErrorHandler((ex) -> logger.warn("A change of a record could not be passed on: " + ex));
		container.addMessageListener((message, pattern) -> changed(message), ChannelTopic.of(this.channel));
		container.afterPropertiesSet();
		return container;
	}

	private void changed(Message message) {
		this.hints.changed(new RecordKey(new String(message.getBody(), StandardCharsets.UTF_8)));
	}

	void close() {
		this.subscribing.lock();
		try {
			if (this.subscription != null) {
				this.subscription.destroy();
				this.subscription = null;
			}
		}
		catch (Exception ex) {
			logger.debug("The subscription to changes of records could not be closed", ex);
		}
		finally {
			this.subscribing.unlock();
		}
	}

}
