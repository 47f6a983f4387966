package io.idempotency.redis;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.resource.ClientResources;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionProvider;

/**
 * Makes the store's connections. Until Redis has been reached for the first time, Spring
 * Data connects for one request after the other, each for the whole timeout: here the
 * others give up meanwhile, instead of queueing for what may add up to minutes.
 */
final class StoreConnectionFactory extends LettuceConnectionFactory {

	private static final long LOOK_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

	private final Duration timeout;

	private final ClientResources resources;

	private final AtomicLong nextLook = new AtomicLong(System.nanoTime());

	private final Lock connecting = new ReentrantLock();

	private volatile boolean connected;

	private @Nullable LettuceConnectionProvider provider;

	private volatile @Nullable RedisClient nodes;

	StoreConnectionFactory(RedisConfiguration configuration, LettuceTimeLimit client) {
		super(configuration, client);
		this.timeout = client.timeout();
		this.resources = client.resources();
	}

	@Override
	public void destroy() {
		RedisClient client = this.nodes;
		if (client != null) {
			client.shutdown(0, this.timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
		super.destroy();
		this.resources.shutdown(0, this.timeout.toMillis(), TimeUnit.MILLISECONDS);
	}

	/**
	 * Finds out after a failure who the master is by now. Of many requests that fail at
	 * once, one does it.
	 */
	void failed(RuntimeException failure) {
		if (isClusterAware()) {
			if (!(failure instanceof RedisCommandExecutionException)) {
				lookForMasters();
			}
		}
		else if (mayHaveAnotherMaster(failure) && isTimeToLook()) {
			// Others do not queue to connect, as if Redis had never been reached.
			this.connected = false;
			resetConnection();
		}
	}

	/**
	 * Returns whether a failure may mean that the master is another one than the one that
	 * was asked: one that has become a replica keeps its connections, and so does one
	 * that hangs, which Sentinel replaces.
	 */
	static boolean mayHaveAnotherMaster(RuntimeException failure) {
		return failure instanceof RedisCommandTimeoutException || RedisLuaScript.answers(failure, "READONLY");
	}

	/**
	 * Asks the nodes of a Cluster in the background which of them are masters. A node
	 * that hangs does not say that another one has taken over.
	 */
	void lookForMasters() {
		if (isTimeToLook() && getRequiredNativeClient() instanceof RedisClusterClient client) {
			client.refreshPartitionsAsync();
		}
	}

	private boolean isTimeToLook() {
		long now = System.nanoTime();
		long next = this.nextLook.get();
		return now - next >= 0 && this.nextLook.compareAndSet(next, now + LOOK_INTERVAL_NANOS);
	}

	/**
	 * Returns which node has which keys of a Cluster, as far as this client knows.
	 */
	Partitions partitions() {
		if (!this.connected) {
			connect().close();
		}
		return ((RedisClusterClient) getRequiredNativeClient()).getPartitions();
	}

	/**
	 * Opens a connection to the master beside the one that all requests share.
	 */
	@SuppressWarnings("unchecked")
	StatefulRedisConnection<byte[], byte[]> open() {
		LettuceConnectionProvider opens = Objects.requireNonNull(this.provider, "The factory has not been started");
		return opens.getConnection(StatefulRedisConnection.class);
	}

	/**
	 * Opens such a connection to a node of a Cluster. A connection to the whole of it
	 * would begin at any node, and wait for one that hangs.
	 */
	StatefulRedisConnection<byte[], byte[]> open(RedisClusterNode node) {
		return nodes().connect(ByteArrayCodec.INSTANCE, node.getUri());
	}

	private RedisClient nodes() {
		this.connecting.lock();
		try {
			RedisClient client = this.nodes;
			if (client == null) {
				client = RedisClient.create(this.resources);
				client.setOptions(getRequiredNativeClient().getOptions());
				this.nodes = client;
			}
			return client;
		}
		finally {
			this.connecting.unlock();
		}
	}

	@Override
	protected LettuceConnectionProvider doCreateConnectionProvider(AbstractRedisClient client, RedisCodec<?, ?> codec) {
		LettuceConnectionProvider created = super.doCreateConnectionProvider(client, codec);
		if (codec instanceof ByteArrayCodec) {
			this.provider = created;
		}
		return created;
	}

	/**
	 * Returns the commands of the connection that all requests share, without what Spring
	 * Data makes around it for each of them.
	 */
	RedisClusterAsyncCommands<byte[], byte[]> commands() {
		if (!this.connected) {
			connect().close();
		}
		return isClusterAware() ? Objects.requireNonNull(getSharedClusterConnection()).async()
				: Objects.requireNonNull(getSharedConnection()).async();
	}

	/**
	 * Returns how long to wait for an answer.
	 */
	Duration patience() {
		return this.timeout;
	}

	@Override
	public RedisConnection getConnection() {
		return this.connected ? super.getConnection() : connect();
	}

	private RedisConnection connect() {
		if (!awaitTurn()) {
			throw new RedisConnectionFailureException("Redis could not be reached within " + this.timeout);
		}
		try {
			RedisConnection connection = super.getConnection();
			this.connected = true;
			return connection;
		}
		finally {
			this.connecting.unlock();
		}
	}

	private boolean awaitTurn() {
		try {
			return this.connecting.tryLock(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
