/**
 * Reads the operation of a request: its key, the scope of the key, and the fingerprint of
 * the request.
 * <p>
 * Public types are for the gate and the front ends of this library.
 */
@NullMarked
package io.idempotency.web.operation;

import org.jspecify.annotations.NullMarked;
