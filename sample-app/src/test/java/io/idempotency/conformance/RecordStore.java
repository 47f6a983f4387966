package io.idempotency.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.UUID;

import redis.embedded.RedisServer;

/**
 * The stores that every promise is held on.
 */
enum RecordStore {

	MEMORY {
		@Override
		List<String> arguments() {
			return List.of("--idempotency.store=memory");
		}
	},

	/**
	 * A real server that all applications share, each with a key prefix of its own.
	 */
	REDIS {
		@Override
		List<String> arguments() {
			return List.of("--idempotency.store=redis", "--spring.data.redis.port=" + Server.PORT,
					"--idempotency.redis.key-prefix=" + UUID.randomUUID() + ":");
		}
	};

	abstract List<String> arguments();

	private static final class Server {

		static final int PORT = start();

		private static int start() {
			try {
				int port = freePort();
				RedisServer server = RedisServer.newRedisServer().port(port).setting("save \"\"").build();
				server.start();
				Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
				return port;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static int freePort() throws IOException {
			try (ServerSocket socket = new ServerSocket(0)) {
				return socket.getLocalPort();
			}
		}

		private static void stop(RedisServer server) {
			try {
				server.stop();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
