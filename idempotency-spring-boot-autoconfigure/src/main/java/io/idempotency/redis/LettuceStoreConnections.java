package io.idempotency.redis;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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
 * Creates the connections of the store. Until the first successful connection, Spring
 * Data tries to connect for one request after the other, and each attempt may take the
 * full timeout. In this class, the other requests fail after the timeout. Otherwise they
 * would be queued, possibly for minutes.
 */
final class LettuceStoreConnections extends LettuceConnectionFactory implements OwnConnections {

	private final Duration timeout;

	private final ClientResources resources;

	private final OncePerSecond looks = new OncePerSecond();

	private final Lock connecting = new ReentrantLock();

	private volatile boolean connected;

	private @Nullable LettuceConnectionProvider provider;

	private volatile @Nullable RedisClient nodes;

	LettuceStoreConnections(RedisConfiguration configuration, LettuceTimeLimit client) {
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

	@Override
	public void failed(RuntimeException failure) {
		if (isClusterAware()) {
			if (!(failure instanceof RedisCommandExecutionException)) {
				lookForMasters();
			}
		}
		else if (mayHaveAnotherMaster(failure) && this.looks.isTurn()) {
			// As before the first connection, other requests must not queue to connect.
			this.connected = false;
			resetConnection();
		}
	}

	/**
	 * Returns whether a failure may mean that another node is the master now. A former
	 * master that has become a replica keeps its connections, and so does a master that
	 * hangs and was replaced by Sentinel.
	 */
	static boolean mayHaveAnotherMaster(RuntimeException failure) {
		return failure instanceof RedisCommandTimeoutException || RedisLuaScript.answers(failure, "READONLY");
	}

	/**
	 * Refreshes the masters of a Cluster in the background. A node that hangs does not
	 * report that another node has taken over.
	 */
	void lookForMasters() {
		if (this.looks.isTurn() && getRequiredNativeClient() instanceof RedisClusterClient client) {
			client.refreshPartitionsAsync();
		}
	}

	/**
	 * Returns the nodes of a Cluster and their keys, as far as this client knows.
	 */
	Partitions partitions() {
		if (!this.connected) {
			connect().close();
		}
		return ((RedisClusterClient) getRequiredNativeClient()).getPartitions();
	}

	/**
	 * Opens a connection to the master, in addition to the one that all requests share.
	 */
	@SuppressWarnings("unchecked")
	StatefulRedisConnection<byte[], byte[]> open() {
		LettuceConnectionProvider opens = Objects.requireNonNull(this.provider, "The factory has not been started");
		return opens.getConnection(StatefulRedisConnection.class);
	}

	/**
	 * Opens a connection to a node of a Cluster. A connection to the Cluster as a whole
	 * would start with any of its nodes, and would wait if that node hangs.
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
	 * Returns the commands of the connection that all requests share, without the wrapper
	 * that Spring Data creates for each request.
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
