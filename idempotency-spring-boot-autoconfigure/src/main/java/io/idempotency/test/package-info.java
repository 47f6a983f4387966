/**
 * Support for testing applications: request keys and result matchers for {@code MockMvc},
 * support for test slices, and a settable clock.
 */
@NullMarked
package io.idempotency.test;

import org.jspecify.annotations.NullMarked;
