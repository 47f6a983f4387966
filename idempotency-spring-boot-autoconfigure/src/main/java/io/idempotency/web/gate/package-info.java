/**
 * What becomes of a request, and of its response, whatever the front end: a question to
 * the engine, answered by a {@link io.idempotency.web.gate.Decision}.
 * <p>
 * Public types are for the front ends of this library.
 */
@NullMarked
package io.idempotency.web.gate;

import org.jspecify.annotations.NullMarked;
