/**
 * Steps of handlers, methods and listeners.
 */
@NullMarked
package io.idempotency.step;

import org.jspecify.annotations.NullMarked;
