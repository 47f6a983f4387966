/**
 * Distinguishes principals with equal names by their origin, as far as Spring Security
 * knows it.
 */
@NullMarked
package io.idempotency.security;

import org.jspecify.annotations.NullMarked;
