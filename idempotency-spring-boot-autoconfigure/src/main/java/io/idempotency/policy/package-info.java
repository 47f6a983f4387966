/**
 * Determines how methods are protected, from annotations and defaults, and reports
 * mistakes that prevent the application from starting.
 */
@NullMarked
package io.idempotency.policy;

import org.jspecify.annotations.NullMarked;
