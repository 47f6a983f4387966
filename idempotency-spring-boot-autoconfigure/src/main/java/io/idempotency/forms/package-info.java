/**
 * Adds an idempotency key to web forms, so that a double click or a reload does not
 * submit a form twice.
 */
@NullMarked
package io.idempotency.forms;

import org.jspecify.annotations.NullMarked;
