package io.idempotency.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestOutcome;

/**
 * Remembers what became of the calls of an application.
 */
public final class RecordedEvents implements IdempotencyListener {

	private final List<IdempotencyEvent> events = new CopyOnWriteArrayList<>();

	@Override
	public void onRequest(IdempotencyEvent event) {
		this.events.add(event);
	}

	/**
	 * Returns how many calls of an entry ended in a way.
	 */
	public long count(Entry entry, RequestOutcome outcome) {
		return this.events.stream().filter((event) -> event.entry() == entry && event.outcome() == outcome).count();
	}

}
