package io.idempotency.redis;

import io.idempotency.store.NotAcknowledgedException;

/**
 * Runs scripts and waits until replicas have acknowledged their writes. {@code WAIT}
 * covers the writes of its own connection, and blocks this connection on the server. It
 * needs a connection that is used by one request at a time.
 */
interface ReplicatedScripts {

	/**
	 * Runs a script that writes a record, and waits for replicas if it has written.
	 * @param keyAndArguments the key of the script, followed by its arguments
	 * @throws NotAcknowledgedException if the script has written, but too few replicas
	 * acknowledged the write in time
	 */
	<T> T run(RedisLuaScript script, byte[][] keyAndArguments);

	/**
	 * Closes the connections that only this object uses.
	 */
	default void close() {
	}

}
