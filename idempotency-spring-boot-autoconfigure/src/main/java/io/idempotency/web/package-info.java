/**
 * The way of a request: the filter, the interceptor that knows the handler, and what they
 * need to find the key, capture the response and replay it.
 */
@NullMarked
package io.idempotency.web;

import org.jspecify.annotations.NullMarked;
