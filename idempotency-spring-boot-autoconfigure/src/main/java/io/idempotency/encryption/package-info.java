/**
 * Encrypts stored responses.
 */
@NullMarked
package io.idempotency.encryption;

import org.jspecify.annotations.NullMarked;
