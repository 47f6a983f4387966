/**
 * Protects JMS listeners, so that each message is processed once.
 */
@NullMarked
package io.idempotency.jms;

import org.jspecify.annotations.NullMarked;
