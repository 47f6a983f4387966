/**
 * The store for any number of instances that share a Redis: standalone, Sentinel or
 * Cluster.
 */
@NullMarked
package io.idempotency.redis;

import org.jspecify.annotations.NullMarked;
