/**
 * Results as JSON of their declared type. This package is for the front ends of this
 * library and not intended for applications.
 */
@NullMarked
package io.idempotency.result;

import org.jspecify.annotations.NullMarked;
