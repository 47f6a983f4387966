/**
 * Web forms that carry an idempotency key of their own, so that a double click or a
 * reload does not submit them twice.
 */
@NullMarked
package io.idempotency.forms;

import org.jspecify.annotations.NullMarked;
