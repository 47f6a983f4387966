/**
 * Tells principals of equal names apart by what Spring Security knows of their origin.
 */
@NullMarked
package io.idempotency.security;

import org.jspecify.annotations.NullMarked;
