/**
 * Support for HTTP clients: sends an idempotency key with each request that needs one,
 * and repeats such a request if its response is lost.
 */
@NullMarked
package io.idempotency.client;

import org.jspecify.annotations.NullMarked;
