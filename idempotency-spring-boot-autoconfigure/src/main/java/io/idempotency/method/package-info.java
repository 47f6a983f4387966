/**
 * Runs the methods of beans, and whatever a template is given, once for each key.
 */
@NullMarked
package io.idempotency.method;

import org.jspecify.annotations.NullMarked;
