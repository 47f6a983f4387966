/**
 * Protection of bean methods, and of work that is passed to a template: it runs once for
 * each key.
 */
@NullMarked
package io.idempotency.method;

import org.jspecify.annotations.NullMarked;
