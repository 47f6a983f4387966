/**
 * Results as JSON of their declared type. For the front ends of this library;
 * applications have no use for it.
 */
@NullMarked
package io.idempotency.result;

import org.jspecify.annotations.NullMarked;
