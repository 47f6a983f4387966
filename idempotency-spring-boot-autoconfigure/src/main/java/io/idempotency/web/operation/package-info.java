/**
 * From a request to its operation: the key, whose it is and for what, and what the
 * request asks for.
 * <p>
 * Public types are for the gate and the front ends of this library.
 */
@NullMarked
package io.idempotency.web.operation;

import org.jspecify.annotations.NullMarked;
