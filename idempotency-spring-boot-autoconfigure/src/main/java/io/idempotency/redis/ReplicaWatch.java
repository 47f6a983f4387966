package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import io.idempotency.store.NotAcknowledgedException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Knows whether the replicas of a master keep up.
 * <p>
 * If they do not keep up, only one request at a time waits for the full timeout, to
 * detect when they are back. Other requests check without waiting, so that they do not
 * occupy connections and threads for a wait that will probably fail.
 */
final class ReplicaWatch {

	private static final Log logger = LogFactory.getLog(ReplicaWatch.class);

	/**
	 * The shortest timeout that Redis supports; 0 means to wait for ever.
	 */
	private static final Duration LOOK = Duration.ofMillis(1);

	private final String master;

	private final Acknowledge settings;

	private final AtomicBoolean behind = new AtomicBoolean();

	private final AtomicBoolean watched = new AtomicBoolean();

	/**
	 * Creates a watch.
	 * @param master the name of the master, for messages
	 * @param settings how many replicas must acknowledge a write, and how long they may
	 * take
	 */
	ReplicaWatch(String master, Acknowledge settings) {
		this.master = master;
		this.settings = settings;
	}

	/**
	 * Returns how many replicas must acknowledge a write.
	 */
	int count() {
		return this.settings.replicas();
	}

	/**
	 * Waits until enough replicas have acknowledged what a script has written, if it has
	 * written.
	 * @param answer the answer of the script
	 * @param wait waits up to the given time, and returns the number of replicas that
	 * have acknowledged the write
	 * @throws NotAcknowledgedException if too few replicas have acknowledged it
	 */
	void await(Object answer, ToLongFunction<Duration> wait) {
		if (hasWritten(answer) && !isAcknowledged(wait)) {
			throw new NotAcknowledgedException(missing());
		}
	}

	private static boolean hasWritten(Object answer) {
		return (answer instanceof List<?> list)
				? list.get(0) instanceof byte[] first
						&& new String(first, StandardCharsets.UTF_8).equals(RedisIdempotencyStore.ACQUIRED)
				: answer.equals(1L);
	}

	private boolean isAcknowledged(ToLongFunction<Duration> wait) {
		boolean watches = this.behind.get() && this.watched.compareAndSet(false, true);
		try {
			Duration patience = (this.behind.get() && !watches) ? LOOK : this.settings.timeout();
			boolean enough = wait.applyAsLong(patience) >= this.settings.replicas();
			if (this.behind.compareAndSet(enough, !enough)) {
				tell(enough);
			}
			return enough;
		}
		finally {
			if (watches) {
				this.watched.set(false);
			}
		}
	}

	private void tell(boolean enough) {
		if (enough) {
			logger.info("The replicas of " + this.master + " acknowledge writes again");
		}
		else {
			logger
				.warn(missing() + ": requests with new keys are refused, and responses are stored only in the master, "
						+ "until they do");
		}
	}

	private String missing() {
		return "Fewer replicas of " + this.master + " than idempotency.redis.acknowledge.replicas="
				+ this.settings.replicas() + " acknowledge writes within idempotency.redis.acknowledge.timeout="
				+ this.settings.timeout().toMillis() + "ms";
	}

}
