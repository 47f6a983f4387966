/**
 * Steps of handlers, methods and listeners. For the front ends of this library;
 * applications have no use for it.
 */
@NullMarked
package io.idempotency.step;

import org.jspecify.annotations.NullMarked;
