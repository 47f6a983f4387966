/**
 * Lets the listeners of JMS work on each message once.
 */
@NullMarked
package io.idempotency.jms;

import org.jspecify.annotations.NullMarked;
