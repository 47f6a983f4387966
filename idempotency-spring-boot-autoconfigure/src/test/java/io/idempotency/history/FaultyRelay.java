package io.idempotency.history;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between clients and a server, and breaks connections: before a message arrives,
 * or after it has arrived and before its answer does. It also holds messages back, also
 * for longer than clients wait.
 */
final class FaultyRelay implements AutoCloseable {

	private static final int OF = 10_000;

	private static final int RESETS = 15;

	private static final int LOST_ANSWERS = 25;

	private static final int DELAYS = 200;

	private static final int LONGEST_DELAY = 1500;

	private static final int LONGEST_SHORT_DELAY = 30;

	private final int serverPort;

	private final Random seeds;

	private final ServerSocket entrance;

	private final Map<Socket, Socket> connections = new ConcurrentHashMap<>();

	private final AtomicInteger faults = new AtomicInteger();

	private final CountDownLatch closed = new CountDownLatch(1);

	private volatile boolean faulty;

	/**
	 * Starts a relay, which passes everything on at first.
	 * @param serverPort where the server is on this machine
	 * @param seed decides what goes wrong
	 */
	FaultyRelay(int serverPort, long seed) {
		this.serverPort = serverPort;
		this.seeds = new Random(seed);
		try {
			this.entrance = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		start(this::accept);
	}

	int port() {
		return this.entrance.getLocalPort();
	}

	/**
	 * Returns how often something went wrong.
	 */
	int faults() {
		return this.faults.get();
	}

	void beFaulty(boolean faulty) {
		this.faulty = faulty;
	}

	/**
	 * Breaks all connections at once.
	 */
	void cut() {
		this.connections.forEach(FaultyRelay::reset);
	}

	private void accept() {
		while (!this.entrance.isClosed()) {
			try {
				connect(this.entrance.accept());
			}
			catch (IOException ex) {
				// It is closed.
			}
		}
	}

	private void connect(Socket client) throws IOException {
		try {
			Socket server = new Socket("127.0.0.1", this.serverPort);
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			this.connections.put(client, server);
			Random there = new Random(this.seeds.nextLong());
			Random back = new Random(this.seeds.nextLong());
			start(() -> pump(client, server, there, false));
			start(() -> pump(server, client, back, true));
		}
		catch (IOException notThere) {
			client.close();
		}
	}

	private void pump(Socket from, Socket to, Random random, boolean answers) {
		byte[] buffer = new byte[64 * 1024];
		try {
			InputStream in = from.getInputStream();
			OutputStream out = to.getOutputStream();
			for (int length = in.read(buffer); length != -1 && passes(random, answers); length = in.read(buffer)) {
				out.write(buffer, 0, length);
			}
		}
		catch (IOException ex) {
			// One side has closed its connection, and so does the other.
		}
		reset(from, to);
		this.connections.remove(answers ? to : from);
	}

	/**
	 * Decides what becomes of a message, and waits if it comes late.
	 */
	private boolean passes(Random random, boolean answers) {
		int dice = random.nextInt(OF);
		int delay = random.nextInt((dice % 10 == 0) ? LONGEST_DELAY : LONGEST_SHORT_DELAY);
		if (!this.faulty) {
			return true;
		}
		int breaks = answers ? LOST_ANSWERS : RESETS;
		if (dice < breaks) {
			this.faults.incrementAndGet();
			return false;
		}
		if (dice < breaks + DELAYS) {
			this.faults.incrementAndGet();
			pause(delay);
		}
		return true;
	}

	private void pause(int millis) {
		try {
			this.closed.await(millis, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void reset(Socket one, Socket other) {
		reset(one);
		reset(other);
	}

	private static void reset(Socket socket) {
		try {
			// What is on its way is lost: the other side gets an RST.
			socket.setSoLinger(true, 0);
			socket.close();
		}
		catch (IOException ex) {
			// It is closed.
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "faulty-relay");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() {
		this.closed.countDown();
		close(this.entrance);
		cut();
	}

	private static void close(ServerSocket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
