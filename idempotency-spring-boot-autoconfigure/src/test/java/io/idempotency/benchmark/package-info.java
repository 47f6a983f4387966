/**
 * Benchmarks: what the starter costs an application.
 */
@NullMarked
package io.idempotency.benchmark;

import org.jspecify.annotations.NullMarked;
