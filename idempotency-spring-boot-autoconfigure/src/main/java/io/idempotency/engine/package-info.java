/**
 * Decides how a request with a key is handled: claims the record, renews the lease while
 * the handler runs, and stores the outcome.
 */
@NullMarked
package io.idempotency.engine;

import org.jspecify.annotations.NullMarked;
