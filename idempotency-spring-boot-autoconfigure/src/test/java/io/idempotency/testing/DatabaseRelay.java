package io.idempotency.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Stands between applications and a database, and counts round trips: how often a client
 * has sent something since the server last answered it.
 */
public final class DatabaseRelay implements AutoCloseable {

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final AtomicInteger roundTrips = new AtomicInteger();

	private volatile @Nullable String cutOnAnswerTo;

	private volatile boolean cutOnAnswer;

	private final Database target;

	private final URI targetAddress;

	private final ServerSocket server;

	/**
	 * Starts a relay.
	 * @param target the database
	 */
	public DatabaseRelay(Database target) {
		this.target = target;
		this.targetAddress = URI.create(target.url().substring("jdbc:".length()));
		try {
			this.server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		start(this::accept);
	}

	/**
	 * Returns the database, as it is seen through the relay.
	 */
	public Database database() {
		String address = this.targetAddress.getAuthority();
		return new Database(this.target.url().replace(address, "127.0.0.1:" + this.server.getLocalPort()),
				this.target.username(), this.target.password());
	}

	/**
	 * Returns the round trips of all connections so far.
	 */
	public int roundTrips() {
		return this.roundTrips.get();
	}

	/**
	 * Returns how many round trips an action takes.
	 */
	public int roundTripsDuring(Runnable action) {
		int before = roundTrips();
		action.run();
		return roundTrips() - before;
	}

	private void accept() {
		while (!this.server.isClosed()) {
			try {
				Socket client = this.server.accept();
				Socket database = new Socket(this.targetAddress.getHost(), this.targetAddress.getPort());
				client.setTcpNoDelay(true);
				database.setTcpNoDelay(true);
				this.sockets.add(client);
				this.sockets.add(database);
				AtomicBoolean answered = new AtomicBoolean(true);
				start(() -> pump(client, database, (sent) -> {
					if (answered.getAndSet(false)) {
						this.roundTrips.incrementAndGet();
					}
					String text = this.cutOnAnswerTo;
					if (text != null && sent.contains(text)) {
						this.cutOnAnswer = true;
					}
					return true;
				}));
				start(() -> pump(database, client, (sent) -> {
					answered.set(true);
					return !this.cutOnAnswer;
				}));
			}
			catch (IOException ex) {
				// The relay is closed, or nobody listens behind it.
			}
		}
	}

	/**
	 * Passes on what is sent, once it was looked at: the other side cannot react before.
	 */
	private static void pump(Socket from, Socket to, Predicate<String> passes) {
		byte[] buffer = new byte[64 * 1024];
		try (from; to) {
			InputStream in = from.getInputStream();
			OutputStream out = to.getOutputStream();
			for (int length = in.read(buffer); length != -1; length = in.read(buffer)) {
				if (!passes.test(new String(buffer, 0, length, StandardCharsets.ISO_8859_1))) {
					return;
				}
				out.write(buffer, 0, length);
			}
		}
		catch (IOException ex) {
			// One side has closed its connection, and so does the other.
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "database-relay");
		thread.setDaemon(true);
		thread.start();
	}

	/**
	 * Lets the answer to a statement, which the server has carried out by then, be lost
	 * with the connection, and with it all answers from then on.
	 * @param text what the statement contains
	 */
	public void loseAnswerTo(String text) {
		this.cutOnAnswerTo = text;
	}

	/**
	 * Passes answers on again.
	 */
	public void loseNothing() {
		this.cutOnAnswerTo = null;
		this.cutOnAnswer = false;
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.sockets.forEach((socket) -> {
			try {
				socket.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		});
	}

}
