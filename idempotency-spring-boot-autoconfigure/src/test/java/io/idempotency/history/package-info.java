/**
 * Histories of calls to real stores, recorded while networks and servers fail, and what
 * has to hold in them.
 */
@NullMarked
package io.idempotency.history;

import org.jspecify.annotations.NullMarked;
