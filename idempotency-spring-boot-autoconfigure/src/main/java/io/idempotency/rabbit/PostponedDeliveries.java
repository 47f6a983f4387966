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
 * Deliveries that stay unacknowledged for a while, and are then returned to their queues,
 * without a thread that waits for each. When a channel is closed before, the broker
 * returns them.
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
	 * Returns the postponed deliveries of a channel before their time.
	 * @param tag that of the last one, or 0 for all
	 */
	void returnUpTo(Channel channel, long tag) {
		NavigableSet<Long> all = this.tags.get(channel);
		if (all != null) {
			List.copyOf((tag == 0) ? all : all.headSet(tag, true)).forEach((each) -> giveBack(channel, each));
		}
	}

	/**
	 * Says by {@code basic.nack} that nobody has worked on the message: {@code
	 * basic.reject} would count as a failure, and a quorum queue counts those.
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
