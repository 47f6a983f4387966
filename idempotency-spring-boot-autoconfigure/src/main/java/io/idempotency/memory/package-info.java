/**
 * The store that keeps records in memory, for applications with a single instance.
 */
@NullMarked
package io.idempotency.memory;

import org.jspecify.annotations.NullMarked;
