package io.idempotency.redis;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import org.jspecify.annotations.Nullable;

/**
 * Waits for replicas with Lettuce. All requests share one connection of Lettuce, so this
 * class opens further ones. Each master of a Cluster has its own connections, so that a
 * master whose replicas are behind does not delay the keys of other masters.
 */
final class LettuceReplicatedScripts implements ReplicatedScripts {

	private static final String ONLY_MASTER = "";

	private final LettuceStoreConnections factory;

	private final Acknowledge settings;

	private final ConcurrentMap<String, ReplicatedMaster> masters = new ConcurrentHashMap<>();

	/**
	 * Creates an instance.
	 * @param factory opens connections, and knows the masters of a Cluster
	 * @param settings how many replicas must acknowledge a write, and how long they may
	 * take
	 */
	LettuceReplicatedScripts(LettuceStoreConnections factory, Acknowledge settings) {
		this.factory = factory;
		this.settings = settings;
	}

	@Override
	public <T> T run(RedisLuaScript script, byte[][] keyAndArguments) {
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
			T answer;
			if (asking) {
				commands.asking();
				answer = LettucePipeline.runByText(commands, script, keyAndArguments, this.factory.patience());
			}
			else {
				answer = LettucePipeline.run(commands, script, keyAndArguments, this.factory.patience());
			}
			master.replicas().await(answer, (patience) -> acknowledged(commands, patience));
			return answer;
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
		return this.masters.computeIfAbsent(node, (newNode) -> new ReplicatedMaster(name, this.settings, opens));
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

	private long acknowledged(RedisClusterAsyncCommands<byte[], byte[]> commands, Duration patience) {
		return LettucePipeline.await(commands.waitForReplication(this.settings.replicas(), patience.toMillis()),
				this.factory.patience());
	}

	@Override
	public void close() {
		this.masters.values().forEach(ReplicatedMaster::close);
	}

}
