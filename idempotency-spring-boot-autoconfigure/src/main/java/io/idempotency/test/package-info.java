/**
 * Support for the tests of applications: requests with keys and expectations of replays
 * for {@code MockMvc}, a slice, and a clock.
 */
@NullMarked
package io.idempotency.test;

import org.jspecify.annotations.NullMarked;
