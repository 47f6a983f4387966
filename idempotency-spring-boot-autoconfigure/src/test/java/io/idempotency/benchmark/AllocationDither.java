package io.idempotency.benchmark;

import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Allocates at random while a recording runs. Java samples an allocation each time that
 * an allocation buffer is full, and equal requests would fill it at the same few places.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class AllocationDither implements Filter {

	private static final int MOST_ARRAYS = 64;

	private static final int MOST_BYTES = 1024;

	private volatile boolean enabled;

	private volatile byte @Nullable [] last;

	void enable(boolean enabled) {
		this.enabled = enabled;
	}

	/**
	 * Returns the last that was allocated, for the compiler not to leave it out.
	 */
	byte @Nullable [] last() {
		return this.last;
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		if (this.enabled) {
			allocate();
		}
		chain.doFilter(request, response);
	}

	private void allocate() {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		for (int i = random.nextInt(MOST_ARRAYS); i >= 0; i--) {
			this.last = new byte[random.nextInt(MOST_BYTES)];
		}
	}

}
