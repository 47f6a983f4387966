/**
 * HTTP clients that send an idempotency key with each request that needs one, and repeat
 * such a request when its answer is lost.
 */
@NullMarked
package io.idempotency.client;

import org.jspecify.annotations.NullMarked;
