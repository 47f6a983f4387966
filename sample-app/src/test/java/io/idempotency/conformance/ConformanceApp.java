package io.idempotency.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.sample.SampleApplication;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * The running sample with one of its profiles, and with handlers that it lacks.
 */
final class ConformanceApp {

	private static final int MOST_RUNNING = 10;

	private static final Map<Object, ConformanceApp> RUNNING = new LinkedHashMap<>(16, 0.75f, true) {

		@Override
		protected boolean removeEldestEntry(Map.Entry<Object, ConformanceApp> eldest) {
			boolean remove = size() > MOST_RUNNING;
			if (remove) {
				eldest.getValue().context.close();
			}
			return remove;
		}

	};

	private final RecordStore store;

	private final ConfigurableApplicationContext context;

	private ConformanceApp(RecordStore store, ConfigurableApplicationContext context) {
		this.store = store;
		this.context = context;
	}

	/**
	 * Returns a running application, the same one for the same arguments.
	 * @param properties what the profile's settings are overridden with
	 */
	static ConformanceApp with(String profile, RecordStore store, String... properties) {
		return with(profile, store, List.of(), properties);
	}

	/**
	 * Returns a running application that consists of further classes, too.
	 */
	static ConformanceApp with(String profile, RecordStore store, List<Class<?>> classes, String... properties) {
		synchronized (RUNNING) {
			return RUNNING.computeIfAbsent(List.of(profile, store, classes, List.of(properties)),
					(key) -> start(profile, store, classes, properties));
		}
	}

	private static ConformanceApp start(String profile, RecordStore store, List<Class<?>> classes,
			String... properties) {
		List<Class<?>> sources = new ArrayList<>(classes);
		sources.add(SampleApplication.class);
		sources.add(ConformanceController.class);
		sources.add(HeaderPrincipalFilter.class);
		sources.add(TimedMemory.class);
		List<String> arguments = new ArrayList<>(store.arguments());
		arguments.add("--server.port=0");
		arguments.add("--spring.main.banner-mode=off");
		List.of(properties).forEach((property) -> arguments.add("--" + property));
		return new ConformanceApp(store,
				new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).profiles(profile)
					.registerShutdownHook(false)
					.run(arguments.toArray(String[]::new)));
	}

	RecordStore store() {
		return this.store;
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/**
	 * Returns a client that sends its keys in {@code Idempotency-Key}.
	 */
	ConformanceClient client() {
		return client("Idempotency-Key");
	}

	ConformanceClient client(String keyHeader) {
		int port = this.context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
		return new ConformanceClient("http://127.0.0.1:" + port, keyHeader, bean(Runs.class));
	}

	/**
	 * Makes every record as much older.
	 */
	void advance(Duration time) {
		if (this.store == RecordStore.MEMORY) {
			bean(SettableTime.class).advance(time);
		}
		else {
			StringRedisTemplate redis = bean(StringRedisTemplate.class);
			String prefix = this.context.getEnvironment().getRequiredProperty("idempotency.redis.key-prefix");
			Objects.requireNonNullElse(redis.keys(prefix + "*"), Set.<String>of())
				.forEach((key) -> advance(redis, key, time));
		}
	}

	private static void advance(StringRedisTemplate redis, String key, Duration time) {
		Long left = redis.getExpire(key, TimeUnit.MILLISECONDS);
		if (left != null && left > time.toMillis()) {
			redis.expire(key, Duration.ofMillis(left - time.toMillis()));
		}
		else if (left != null && left >= 0) {
			redis.delete(key);
		}
	}

	/**
	 * The store in memory, with time that the tests set.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "idempotency.store", havingValue = "memory")
	static class TimedMemory {

		@Bean
		SettableTime settableTime() {
			return new SettableTime();
		}

		@Bean
		MemoryIdempotencyStore timedMemoryStore(SettableTime time) {
			return new MemoryIdempotencyStore(10_000, time);
		}

	}

}
