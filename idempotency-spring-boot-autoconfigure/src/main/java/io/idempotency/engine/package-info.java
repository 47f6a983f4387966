/**
 * Decides what becomes of a request with a key: claims the record, keeps the lease while
 * the handler runs, and stores the outcome.
 */
@NullMarked
package io.idempotency.engine;

import org.jspecify.annotations.NullMarked;
