/**
 * How a method is protected: what its annotations say, what holds where they say nothing,
 * and which mistakes keep the application from starting.
 */
@NullMarked
package io.idempotency.policy;

import org.jspecify.annotations.NullMarked;
