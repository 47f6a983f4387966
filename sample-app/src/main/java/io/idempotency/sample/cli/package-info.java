/**
 * A command line client that may be repeated without paying twice.
 */
@NullMarked
package io.idempotency.sample.cli;

import org.jspecify.annotations.NullMarked;
