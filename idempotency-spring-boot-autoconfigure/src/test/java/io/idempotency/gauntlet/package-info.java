/**
 * Whole applications, compared with themselves without the starter: over HTTP, on real
 * servers, and by nothing of the starter's but what its users see.
 */
@NullMarked
package io.idempotency.gauntlet;

import org.jspecify.annotations.NullMarked;
