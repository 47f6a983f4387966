/**
 * The promises of other systems, held against the sample with the profile that follows
 * each.
 */
@NullMarked
package io.idempotency.conformance;

import org.jspecify.annotations.NullMarked;
