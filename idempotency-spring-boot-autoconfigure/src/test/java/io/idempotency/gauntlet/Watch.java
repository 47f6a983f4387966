package io.idempotency.gauntlet;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.servlet.Filter;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/**
 * Knows which threads are inside the application, from outside all its filters.
 */
@Configuration(proxyBeanMethods = false)
class Watch {

	private final Set<Thread> inside = ConcurrentHashMap.newKeySet();

	@Bean
	FilterRegistrationBean<Filter> watchFilter() {
		FilterRegistrationBean<Filter> filter = new FilterRegistrationBean<>((request, response, chain) -> {
			boolean entered = this.inside.add(Thread.currentThread());
			try {
				chain.doFilter(request, response);
			}
			finally {
				if (entered) {
					this.inside.remove(Thread.currentThread());
				}
			}
		});
		filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
		return filter;
	}

	Set<Thread> inside() {
		return this.inside;
	}

}
