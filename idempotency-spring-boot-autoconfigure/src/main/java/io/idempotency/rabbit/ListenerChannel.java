package io.idempotency.rabbit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

import com.rabbitmq.client.Channel;

import org.springframework.util.ClassUtils;

/**
 * The channel of a listener that acknowledges its messages itself. If the listener
 * settles several deliveries at once, the postponed deliveries among them are returned to
 * their queues first, so that they are not acknowledged.
 */
final class ListenerChannel {

	private ListenerChannel() {
	}

	static Channel of(Channel channel, PostponedDeliveries postponed) {
		return (Channel) Proxy.newProxyInstance(ListenerChannel.class.getClassLoader(),
				ClassUtils.getAllInterfaces(channel), (proxy, method, arguments) -> {
					switch (method.getName()) {
						case "basicAck", "basicNack" -> {
							if (Boolean.TRUE.equals(arguments[1])) {
								postponed.returnUpTo(Delivery.target(channel), (Long) arguments[0]);
							}
						}
						case "basicRecover" -> postponed.returnUpTo(Delivery.target(channel), 0);
						default -> {
						}
					}
					try {
						return method.invoke(channel, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

}
