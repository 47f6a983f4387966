/**
 * Protection of RabbitMQ listeners: they process each message once.
 */
@NullMarked
package io.idempotency.rabbit;

import org.jspecify.annotations.NullMarked;
