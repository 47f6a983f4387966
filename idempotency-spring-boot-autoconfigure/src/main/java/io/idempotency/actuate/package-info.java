/**
 * What the people who operate an application see: an actuator endpoint and the health of
 * the stores.
 */
@NullMarked
package io.idempotency.actuate;

import org.jspecify.annotations.NullMarked;
