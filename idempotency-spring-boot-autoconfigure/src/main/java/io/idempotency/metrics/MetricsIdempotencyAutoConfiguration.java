package io.idempotency.metrics;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.RequestTracing;
import io.idempotency.engine.StoreObserver;
import io.idempotency.store.IdempotencyStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Adds metrics and traces of requests and stores if the application uses Micrometer.
 */
@AutoConfiguration(afterName = { "io.idempotency.web.gate.GateIdempotencyAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
		"org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
		"org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration" })
@ConditionalOnBean(IdempotencyEngine.class)
public final class MetricsIdempotencyAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	@ConditionalOnBean(MeterRegistry.class)
	static class Meters {

		@Bean
		RequestMetrics idempotencyRequestMetrics(MeterRegistry registry) {
			return new RequestMetrics(registry);
		}

		@Bean
		MeterBinder idempotencyGauges(IdempotencyEngine engine) {
			return (registry) -> {
				Gauge.builder("idempotency.leases", engine, IdempotencyEngine::leasesHeld)
					.description("First requests of this instance that have not ended")
					.register(registry);
				Gauge.builder("idempotency.waiting", engine, IdempotencyEngine::waiting)
					.description("Requests of this instance that wait for another one with their key")
					.register(registry);
			};
		}

		@Bean
		StoreMetrics idempotencyStoreMetrics(ObjectProvider<IdempotencyStore> stores) {
			return new StoreMetrics(stores);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ObservationRegistry.class)
	@ConditionalOnBean(ObservationRegistry.class)
	static class Observations {

		@Bean
		@ConditionalOnMissingBean(StoreObserver.class)
		ObservedStoreCalls idempotencyStoreObserver(ObservationRegistry registry) {
			return new ObservedStoreCalls(registry);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Tracer.class)
	@ConditionalOnBean(Tracer.class)
	static class Traces {

		@Bean
		@ConditionalOnMissingBean(RequestTracing.class)
		ReplayTracing idempotencyRequestTracing(Tracer tracer) {
			return new ReplayTracing(tracer);
		}

	}

}
