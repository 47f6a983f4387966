/**
 * Decides how a request with a key is handled: claims the record, renews the lease while
 * the handler runs, and stores the outcome.
 * <p>
 * Applications use the listeners, the observers and what these are told. The other public
 * types are for other packages of this library, and may change in any release.
 */
@NullMarked
package io.idempotency.engine;

import org.jspecify.annotations.NullMarked;
