package io.idempotency.rabbit;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Keeps deliveries unacknowledged for a while, and then returns them to their queues. No
 * thread is blocked for each of them. If a channel is closed earlier, the broker returns
 * its deliveries.
 */
final class PostponedDeliveries implements DisposableBean {

	private static final Log logger = LogFactory.getLog(PostponedDeliveries.class);

	private final Duration pause;

	private final ScheduledThreadPoolExecutor executor;

	private final ConcurrentMap<Channel, NavigableSet<Long>> tags = new ConcurrentHashMap<>();

	PostponedDeliveries(Duration pause) {
		this.pause = pause;
		CustomizableThreadFactory threads = new CustomizableThreadFactory("idempotency-rabbit-");
		threads.setDaemon(true);
		this.executor = new ScheduledThreadPoolExecutor(1, threads);
	}

	/**
	 * Postpones a delivery.
	 */
	void add(Channel channel, long tag) {
		this.tags.compute(channel, (key, present) -> {
			NavigableSet<Long> all = (present != null) ? present : new ConcurrentSkipListSet<>();
			all.add(tag);
			return all;
		});
		this.executor.schedule(() -> giveBack(channel, tag), this.pause.toNanos(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Returns postponed deliveries of a channel to their queues immediately.
	 * @param tag the tag of the last delivery to return, or 0 for all
	 */
	void returnUpTo(Channel channel, long tag) {
		NavigableSet<Long> all = this.tags.get(channel);
		if (all != null) {
			List.copyOf((tag == 0) ? all : all.headSet(tag, true)).forEach((each) -> giveBack(channel, each));
		}
	}

	/**
	 * Returns a delivery to its queue with {@code basic.nack}, which says that nobody has
	 * processed the message. {@code basic.reject} would count as a failed delivery, and
	 * quorum queues count these.
	 */
	private void giveBack(Channel channel, long tag) {
		if (!remove(channel, tag)) {
			return;
		}
		try {
			channel.basicNack(tag, false, true);
		}
		catch (IOException | AlreadyClosedException ex) {
			logger.debug("The channel is closed, and its messages have been returned", ex);
		}
	}

	private boolean remove(Channel channel, long tag) {
		boolean[] removed = new boolean[1];
		this.tags.computeIfPresent(channel, (key, all) -> {
			removed[0] = all.remove(tag);
			return all.isEmpty() ? null : all;
		});
		return removed[0];
	}

	@Override
	public void destroy() {
		this.executor.shutdownNow();
	}

}
