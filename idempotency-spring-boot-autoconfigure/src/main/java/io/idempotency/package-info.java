/**
 * The annotations that opt the handlers of an application in and out.
 */
@NullMarked
package io.idempotency;

import org.jspecify.annotations.NullMarked;
