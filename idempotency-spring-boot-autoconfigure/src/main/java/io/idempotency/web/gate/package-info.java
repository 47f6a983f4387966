/**
 * Decides what happens to a request and its response, independently of the web framework.
 * The gate asks the engine and returns a {@link io.idempotency.web.gate.Decision}.
 * <p>
 * Public types are for the front ends of this library.
 */
@NullMarked
package io.idempotency.web.gate;

import org.jspecify.annotations.NullMarked;
