/**
 * The API for applications: annotations that protect handlers, methods and listeners, and
 * the context that the protected work can use.
 */
@NullMarked
package io.idempotency;

import org.jspecify.annotations.NullMarked;
