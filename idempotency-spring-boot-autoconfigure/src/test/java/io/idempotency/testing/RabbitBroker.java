package io.idempotency.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.apache.qpid.server.SystemLauncher;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;

/**
 * A real broker for AMQP 0-9-1: RabbitMQ in a container where Docker answers, else the
 * RabbitMQ that is installed, else Apache Qpid Broker-J in this JVM. It stops with the
 * JVM at the latest.
 */
public final class RabbitBroker {

	private static final Path INSTALLED = Path.of("/usr/lib/rabbitmq/lib");

	/**
	 * JEP 486.
	 */
	private static final int FIRST_JDK_WITHOUT_SECURITY_MANAGER = 24;

	private final String kind;

	private final String host;

	private final int port;

	private RabbitBroker(String kind, String host, int port) {
		this.kind = kind;
		this.host = host;
		this.port = port;
	}

	/**
	 * Returns whether there is a broker. Qpid needs what later JDKs have taken away.
	 */
	public static boolean isAvailable() {
		return Runtime.version().feature() < FIRST_JDK_WITHOUT_SECURITY_MANAGER || Docker.ANSWERS
				|| installed() != null;
	}

	/**
	 * Returns the broker that all tests share.
	 */
	public static RabbitBroker shared() {
		return Shared.BROKER;
	}

	/**
	 * Returns whether it is RabbitMQ itself.
	 */
	public boolean isRabbitMq() {
		return this.kind.startsWith("RabbitMQ");
	}

	/**
	 * Returns the properties that make an application use this broker.
	 */
	public String[] properties() {
		return new String[] { "spring.rabbitmq.host=" + this.host, "spring.rabbitmq.port=" + this.port };
	}

	@Override
	public String toString() {
		return this.kind;
	}

	private static @Nullable Path installed() {
		if (!Files.isDirectory(INSTALLED)) {
			return null;
		}
		try (Stream<Path> versions = Files.list(INSTALLED)) {
			return versions.map((version) -> version.resolve("sbin/rabbitmq-server"))
				.filter(Files::isExecutable)
				.findFirst()
				.orElse(null);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static final class Shared {

		private static final RabbitBroker BROKER = start();

		private static RabbitBroker start() {
			String wanted = System.getProperty("rabbit.broker", "");
			Path server = installed();
			RabbitBroker broker = (wanted.isEmpty() && Docker.ANSWERS) ? startContainer()
					: (!wanted.equals("qpid") && server != null) ? startLocal(server) : startQpid();
			System.out.println("The broker for AMQP 0-9-1 is " + broker);
			return broker;
		}

		@SuppressWarnings("resource")
		private static RabbitBroker startContainer() {
			GenericContainer<?> container = new GenericContainer<>("rabbitmq:4-alpine").withExposedPorts(5672);
			container.start();
			return new RabbitBroker("RabbitMQ in a container", container.getHost(), container.getMappedPort(5672));
		}

		private static RabbitBroker startLocal(Path executable) {
			int port = RedisProcess.freePort();
			Path directory = newDirectory();
			List<String> command = List.of("env", "HOME=" + directory, "RABBITMQ_NODENAME=test" + port + "@localhost",
					"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_NODE_PORT=" + port,
					"RABBITMQ_DIST_PORT=" + RedisProcess.freePort(), "RABBITMQ_MNESIA_BASE=" + directory,
					"RABBITMQ_LOG_BASE=" + directory, "RABBITMQ_ENABLED_PLUGINS_FILE=" + directory.resolve("plugins"),
					executable.toString());
			new LocalServer(directory, command, "completed with", "TERM").start();
			return new RabbitBroker("RabbitMQ as installed at " + executable, "127.0.0.1", port);
		}

		/**
		 * Without a limit of deliveries, Qpid returns what is rejected for good to its
		 * queue.
		 */
		private static RabbitBroker startQpid() {
			int port = RedisProcess.freePort();
			try {
				Path configuration = Files.writeString(newDirectory().resolve("broker.json"), """
						{"name": "test", "modelVersion": "9.0", "context": {"queue.maximumDeliveryAttempts": "1"},
						"authenticationproviders": [{"name": "plain", "type": "Plain", "secureOnlyMechanisms": [],
						"users": [{"name": "guest", "password": "guest", "type": "managed"}]}],
						"ports": [{"name": "amqp", "port": "%d", "bindingAddress": "127.0.0.1",
						"authenticationProvider": "plain", "protocols": ["AMQP_0_9_1"],
						"virtualhostaliases": [{"name": "defaultAlias", "type": "defaultAlias"},
						{"name": "nameAlias", "type": "nameAlias"}]}],
						"virtualhostnodes": [{"name": "default", "type": "Memory", "defaultVirtualHostNode": "true",
						"virtualHostInitialConfiguration": "{\\"type\\": \\"Memory\\"}"}]}
						""".formatted(port));
				Map<String, Object> attributes = new HashMap<>();
				attributes.put("type", "Memory");
				attributes.put("initialConfigurationLocation", configuration.toUri().toString());
				attributes.put("startupLoggedToSystemOut", "false");
				new SystemLauncher().startup(attributes);
			}
			catch (Exception ex) {
				throw new IllegalStateException("Qpid could not be started", ex);
			}
			return new RabbitBroker("Apache Qpid Broker-J", "127.0.0.1", port);
		}

		private static Path newDirectory() {
			try {
				return Files.createTempDirectory("rabbit");
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
