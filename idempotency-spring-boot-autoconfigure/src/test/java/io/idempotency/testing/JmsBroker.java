package io.idempotency.testing;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * A real JMS broker, Apache Artemis in this JVM, which delivers a message three times
 * before it is dead. It stops with the JVM at the latest.
 */
public final class JmsBroker {

	/**
	 * How often a message is delivered.
	 */
	public static final int DELIVERIES = 3;

	/**
	 * The queue of dead messages.
	 */
	public static final String DEAD = "dead";

	private final EmbeddedActiveMQ server;

	private JmsBroker(EmbeddedActiveMQ server) {
		this.server = server;
	}

	/**
	 * Returns the broker that all tests share.
	 */
	public static JmsBroker shared() {
		return Shared.BROKER;
	}

	/**
	 * Returns what makes connections to it.
	 */
	public ActiveMQConnectionFactory connectionFactory() {
		return new ActiveMQConnectionFactory("vm://0");
	}

	/**
	 * Returns how many messages a queue has, those that are not acknowledged or to be
	 * delivered later among them.
	 */
	public long messages(String queue) {
		var found = this.server.getActiveMQServer().locateQueue(SimpleString.of(queue));
		return (found != null) ? found.getMessageCount() : 0;
	}

	private static final class Shared {

		private static final JmsBroker BROKER = start();

		private static JmsBroker start() {
			try {
				ConfigurationImpl configuration = new ConfigurationImpl();
				configuration.setPersistenceEnabled(false);
				configuration.setSecurityEnabled(false);
				configuration.addAcceptorConfiguration("vm", "vm://0");
				configuration.addQueueConfiguration(QueueConfiguration.of(DEAD).setRoutingType(RoutingType.ANYCAST));
				configuration.addAddressSetting("#",
						new AddressSettings().setDeadLetterAddress(SimpleString.of(DEAD))
							.setMaxDeliveryAttempts(DELIVERIES)
							.setAutoCreateQueues(true)
							.setAutoCreateAddresses(true)
							.setAutoDeleteQueues(false)
							.setAutoDeleteAddresses(false)
							.setDefaultQueueRoutingType(RoutingType.ANYCAST)
							.setDefaultAddressRoutingType(RoutingType.ANYCAST));
				EmbeddedActiveMQ server = new EmbeddedActiveMQ();
				server.setConfiguration(configuration);
				server.start();
				return new JmsBroker(server);
			}
			catch (Exception ex) {
				throw new IllegalStateException("Artemis could not be started", ex);
			}
		}

	}

}
