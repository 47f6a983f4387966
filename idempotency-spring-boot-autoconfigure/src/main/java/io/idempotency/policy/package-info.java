/**
 * Determines how methods are protected, from annotations and defaults, and reports
 * mistakes that prevent the application from starting.
 * <p>
 * Public types are for other packages of this library, and may change in any release,
 * except for the properties and the exception.
 */
@NullMarked
package io.idempotency.policy;

import org.jspecify.annotations.NullMarked;
