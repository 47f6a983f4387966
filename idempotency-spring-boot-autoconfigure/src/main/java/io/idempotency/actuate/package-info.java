/**
 * Actuator support: an endpoint that shows settings and records, and the health of the
 * stores.
 */
@NullMarked
package io.idempotency.actuate;

import org.jspecify.annotations.NullMarked;
