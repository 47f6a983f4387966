/**
 * The store for a single instance: a bounded map in the memory of the application.
 */
@NullMarked
package io.idempotency.memory;

import org.jspecify.annotations.NullMarked;
