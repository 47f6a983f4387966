/**
 * What a store of idempotency records promises, and the values that pass between it and
 * the engine.
 */
@NullMarked
package io.idempotency.store;

import org.jspecify.annotations.NullMarked;
