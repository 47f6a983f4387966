/**
 * The contract of stores for idempotency records, and the values that the engine passes
 * to them and gets from them.
 */
@NullMarked
package io.idempotency.store;

import org.jspecify.annotations.NullMarked;
