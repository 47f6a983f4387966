/**
 * Lets the listeners of RabbitMQ work on each message once.
 */
@NullMarked
package io.idempotency.rabbit;

import org.jspecify.annotations.NullMarked;
