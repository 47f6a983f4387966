package io.idempotency.redis;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.TestApp;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications with one client of Redis, and without the classes of the other.
 */
class OneClientIntegrationTests {

	@ParameterizedTest
	@CsvSource({ "jedis-, LettuceStoreConnections", "lettuce-core-, JedisStoreConnections" })
	void replaysWithoutOtherClient(String missing, String connections) throws Exception {
		RedisProcess redis = RedisProcess.shared();
		try (URLClassLoader without = new URLClassLoader(without(missing), ClassLoader.getPlatformClassLoader())) {
			Class<?> application = Class.forName(Application.class.getName(), true, without);
			Callable<?> call = (Callable<?>) application.getDeclaredConstructor(String.class, int.class)
				.newInstance(redis.host(), redis.port());
			assertThat(in(without, call)).isEqualTo("payment 1, replayed: payment 1, " + connections);
		}
	}

	private static URL[] without(String library) throws IOException {
		List<Path> all = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
			.map(Path::of)
			.toList();
		List<Path> others = all.stream().filter((file) -> !file.getFileName().toString().startsWith(library)).toList();
		assertThat(others).hasSize(all.size() - 1);
		URL[] urls = new URL[others.size()];
		for (int i = 0; i < urls.length; i++) {
			urls[i] = others.get(i).toUri().toURL();
		}
		return urls;
	}

	private static Object in(ClassLoader loader, Callable<?> call) throws Exception {
		Thread thread = Thread.currentThread();
		ClassLoader before = thread.getContextClassLoader();
		thread.setContextClassLoader(loader);
		try {
			return call.call();
		}
		finally {
			thread.setContextClassLoader(before);
		}
	}

	/**
	 * Pays once and repeats the request.
	 *
	 * @param host the host of Redis
	 * @param port the port of Redis
	 */
	public record Application(String host, int port) implements Callable<String> {

		@Override
		public String call() {
			// It could be set once in this process, for one of the class loaders.
			TomcatURLStreamHandlerFactory.disable();
			try (TestApp app = TestApp.start(List.of(Payments.class), "spring.data.redis.host=" + this.host,
					"spring.data.redis.port=" + this.port,
					"idempotency.redis.key-prefix=one-client:" + UUID.randomUUID() + ":")) {
				String key = TestApp.newKey();
				HttpResponse<byte[]> first = app.post("/payments", key, "{}");
				HttpResponse<byte[]> retry = app.post("/payments", key, "{}");
				return TestApp.text(first) + ", "
						+ (retry.headers().firstValue("Idempotent-Replayed").isPresent() ? "replayed" : "again") + ": "
						+ TestApp.text(retry) + ", "
						+ app.bean(StoreConnections.class).factory().getClass().getSimpleName();
			}
		}

	}

	@RestController
	static class Payments {

		private int payments;

		@PostMapping("/payments")
		String pay() {
			this.payments++;
			return "payment " + this.payments;
		}

	}

}
