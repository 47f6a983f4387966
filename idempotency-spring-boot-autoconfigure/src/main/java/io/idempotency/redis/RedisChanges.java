package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
 * Subscribes to changes of awaited records. There is one subscription for all keys, which
 * is created when the first request waits.
 */
final class RedisChanges {

	private static final Log logger = LogFactory.getLog(RedisChanges.class);

	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);

	private static final long RECOVERY_INTERVAL_MILLIS = 1000;

	private final ChangeHints hints = new ChangeHints();

	private final RedisConnectionFactory connectionFactory;

	private final String channel;

	private final Lock subscribing = new ReentrantLock();

	private @Nullable RedisMessageListenerContainer subscription;

	private long notBefore = System.nanoTime();

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
				if (System.nanoTime() - this.notBefore < 0) {
					throw new IllegalStateException("The last attempt to subscribe to changes of records failed");
				}
				this.subscription = start();
			}
		}
		finally {
			this.subscribing.unlock();
		}
	}

	/**
	 * Starts a subscription. After a failure, the next attempt is delayed, because
	 * request threads wait for its result.
	 */
	private RedisMessageListenerContainer start() {
		this.notBefore = System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos();
		RedisMessageListenerContainer container = container();
		boolean started = false;
		try {
			container.start();
			started = true;
			return container;
		}
		finally {
			if (!started) {
				destroy(container);
			}
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
		container.setErrorHandler((ex) -> logger.warn("A change of a record could not be processed: " + ex));
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
				destroy(this.subscription);
				this.subscription = null;
			}
		}
		finally {
			this.subscribing.unlock();
		}
	}

	private static void destroy(RedisMessageListenerContainer container) {
		try {
			container.destroy();
		}
		catch (Exception ex) {
			logger.debug("The subscription to changes of records could not be closed", ex);
		}
	}

}
