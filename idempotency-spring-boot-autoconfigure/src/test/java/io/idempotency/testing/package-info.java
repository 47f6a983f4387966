/**
 * What the tests stand on: real servers and a real HTTP client.
 */
@NullMarked
package io.idempotency.testing;

import org.jspecify.annotations.NullMarked;
