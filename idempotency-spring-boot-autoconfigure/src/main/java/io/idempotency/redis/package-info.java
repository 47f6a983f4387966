/**
 * The store for any number of instances that share a standalone Redis, a Redis with
 * Sentinel, or a Redis Cluster.
 */
@NullMarked
package io.idempotency.redis;

import org.jspecify.annotations.NullMarked;
