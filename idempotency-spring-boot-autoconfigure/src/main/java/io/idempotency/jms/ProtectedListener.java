package io.idempotency.jms;

import io.idempotency.method.IncomingMessage.Handled;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;

import org.springframework.jms.listener.SessionAwareMessageListener;

/**
 * Passes messages to a listener. A message that is refused for now is sent again, so that
 * the container can acknowledge it.
 */
final class ProtectedListener implements SessionAwareMessageListener<Message> {

	private final Object listener;

	private final PostponedMessages postponed;

	/**
	 * Creates a listener.
	 * @param listener a JMS listener, or a Spring listener that also receives the session
	 */
	ProtectedListener(Object listener, PostponedMessages postponed) {
		this.listener = listener;
		this.postponed = postponed;
	}

	@Override
	public void onMessage(Message message, Session session) throws JMSException {
		Handled handled = JmsMessages.incoming(message).handle(() -> deliver(message, session));
		if (handled == Handled.REFUSED_FOR_NOW) {
			this.postponed.sendAgain(message, session);
		}
	}

	@SuppressWarnings("unchecked")
	private void deliver(Message message, Session session) throws JMSException {
		if (this.listener instanceof SessionAwareMessageListener<?> aware) {
			((SessionAwareMessageListener<Message>) aware).onMessage(message, session);
		}
		else {
			((MessageListener) this.listener).onMessage(message);
		}
	}

}
