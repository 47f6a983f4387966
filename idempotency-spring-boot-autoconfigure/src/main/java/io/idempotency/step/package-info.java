/**
 * Steps of handlers, methods and listeners. This package is for the front ends of this
 * library and not intended for applications.
 */
@NullMarked
package io.idempotency.step;

import org.jspecify.annotations.NullMarked;
