package io.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

import io.idempotency.store.NotAcknowledgedException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts and waits until replicas have acknowledged their writes. {@code WAIT}
 * covers the writes of its own connection, and blocks this connection on the server. It
 * can therefore not use the connection that all requests share, but needs a connection
 * that is used by one request at a time.
 * <p>
 * Each master of a Cluster has its own connections, so that a master whose replicas are
 * behind does not delay the keys of other masters.
 */
final class ReplicatedScripts {

	private static final String ONLY_MASTER = "";

	private final LettuceStoreConnections factory;

	private final int replicas;

	private final Duration timeout;

	private final ConcurrentMap<String, ReplicatedMaster> masters = new ConcurrentHashMap<>();

	/**
	 * Creates a runner.
	 * @param factory opens connections, and knows the masters of a Cluster
	 * @param replicas how many replicas must acknowledge a write
	 * @param timeout how long the replicas may take
	 */
	ReplicatedScripts(LettuceStoreConnections factory, int replicas, Duration timeout) {
		this.factory = factory;
		this.replicas = replicas;
		this.timeout = timeout;
	}

	/**
	 * Runs a script that writes a record, and waits for replicas if it has written.
	 * @param keyAndArguments the key of the script, followed by its arguments
	 * @throws NotAcknowledgedException if the script has written, but too few replicas
	 * acknowledged the write in time
	 */
	<T> T run(RedisLuaScript script, byte[][] keyAndArguments) {
		if (!this.factory.isClusterAware()) {
			return run(ONLY_MASTER, this.factory::open, false, script, keyAndArguments);
		}
		try {
			int slot = SlotHash.getSlot(keyAndArguments[0]);
			return runAt(this.factory.partitions().getMasterBySlot(slot), false, script, keyAndArguments);
		}
		catch (RedisCommandExecutionException ex) {
			// A node that no longer has the key names another node.
			String[] answer = String.valueOf(ex.getMessage()).split(" ");
			if (answer.length != 3 || !(answer[0].equals("MOVED") || answer[0].equals("ASK"))) {
				throw ex;
			}
			this.factory.lookForMasters();
			int colon = answer[2].lastIndexOf(':');
			return runAt(
					this.factory.partitions()
						.getPartition(answer[2].substring(0, colon), Integer.parseInt(answer[2].substring(colon + 1))),
					answer[0].equals("ASK"), script, keyAndArguments);
		}
	}

	private <T> T runAt(@Nullable RedisClusterNode node, boolean asking, RedisLuaScript script,
			byte[][] keyAndArguments) {
		if (node == null) {
			throw new IllegalStateException("The master of a key is not known yet");
		}
		return run(node.getNodeId(), () -> this.factory.open(node), asking, script, keyAndArguments);
	}

	private <T> T run(String node, Supplier<StatefulRedisConnection<byte[], byte[]>> opens, boolean asking,
			RedisLuaScript script, byte[][] keyAndArguments) {
		ReplicatedMaster master = master(node, opens);
		ReplicatedConnection connection = master.take(this.factory.patience());
		try {
			RedisClusterAsyncCommands<byte[], byte[]> commands = connection.commands();
			if (asking) {
				commands.asking();
			}
			return run(master, commands, script, keyAndArguments);
		}
		catch (RuntimeException ex) {
			if (LettuceStoreConnections.mayHaveAnotherMaster(ex)) {
				connection.close();
			}
			throw ex;
		}
		finally {
			master.giveBack(connection);
		}
	}

	private ReplicatedMaster master(String node, Supplier<StatefulRedisConnection<byte[], byte[]>> opens) {
		ReplicatedMaster known = this.masters.get(node);
		if (known != null) {
			return known;
		}
		if (!node.equals(ONLY_MASTER)) {
			forgetFormerMasters();
		}
		String name = "Redis at " + RedisServers.describe(this.factory)
				+ (node.equals(ONLY_MASTER) ? "" : ", node " + node);
		return this.masters.computeIfAbsent(node,
				(newNode) -> new ReplicatedMaster(name, this.replicas, this.timeout, opens));
	}

	/**
	 * Closes the connections to nodes that are no longer masters. Such a node may never
	 * return, and must not be reconnected for ever.
	 */
	private void forgetFormerMasters() {
		this.masters.keySet().forEach((node) -> {
			RedisClusterNode known = this.factory.partitions().getPartitionByNodeId(node);
			if (known == null || !known.getRole().isUpstream()) {
				ReplicatedMaster former = this.masters.remove(node);
				if (former != null) {
					former.close();
				}
			}
		});
	}

	private <T> T run(ReplicatedMaster master, RedisClusterAsyncCommands<byte[], byte[]> commands,
			RedisLuaScript script, byte[][] keyAndArguments) {
		T answer = LettucePipeline.run(commands, script, keyAndArguments, this.factory.patience());
		if (hasWritten(answer) && !master.awaitReplicas((patience) -> LettucePipeline
			.await(commands.waitForReplication(this.replicas, patience.toMillis()), this.factory.patience()))) {
			throw new NotAcknowledgedException(master.missing());
		}
		return answer;
	}

	private static boolean hasWritten(Object answer) {
		return (answer instanceof List<?> list)
				? list.get(0) instanceof byte[] first
						&& new String(first, StandardCharsets.UTF_8).equals(RedisIdempotencyStore.ACQUIRED)
				: answer.equals(1L);
	}

	/**
	 * Closes the connections.
	 */
	void close() {
		this.masters.values().forEach(ReplicatedMaster::close);
	}

}
