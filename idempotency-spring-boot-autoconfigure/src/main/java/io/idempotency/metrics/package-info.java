/**
 * Metrics and traces: what becomes of requests, and how stores answer.
 */
@NullMarked
package io.idempotency.metrics;

import org.jspecify.annotations.NullMarked;
