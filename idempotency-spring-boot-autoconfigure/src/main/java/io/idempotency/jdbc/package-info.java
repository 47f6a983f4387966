/**
 * The store that keeps records in a relational database.
 */
@NullMarked
package io.idempotency.jdbc;

import org.jspecify.annotations.NullMarked;
