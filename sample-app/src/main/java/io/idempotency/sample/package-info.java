/**
 * A payments service whose clients may repeat any request without paying twice.
 */
@NullMarked
package io.idempotency.sample;

import org.jspecify.annotations.NullMarked;
