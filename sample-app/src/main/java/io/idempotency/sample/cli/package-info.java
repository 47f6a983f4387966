/**
 * A command line client that can be repeated without paying twice.
 */
@NullMarked
package io.idempotency.sample.cli;

import org.jspecify.annotations.NullMarked;
