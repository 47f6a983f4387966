/**
 * Metrics and traces of request outcomes and store calls.
 */
@NullMarked
package io.idempotency.metrics;

import org.jspecify.annotations.NullMarked;
