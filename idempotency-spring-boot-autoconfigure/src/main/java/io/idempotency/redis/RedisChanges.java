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
 * Hears from Redis which awaited records have ended: one subscription, made when the
 * first request waits, whatever the number of keys.
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
					throw new IllegalStateException("Redis did not let this application subscribe to changes");
				}
				this.subscription = start();
			}
		}
		finally {
			this.subscribing.unlock();
		}
	}

	/**
	 * A Redis that does not let us subscribe is not asked again at once, while request
	 * threads wait for its answer.
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
