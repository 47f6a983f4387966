/**
 * What applications and other packages see of the protection of HTTP requests: the
 * properties, the refusals, and the beans that find key, scope and fingerprint. Nothing
 * here knows Servlet.
 */
@NullMarked
package io.idempotency.web;

import org.jspecify.annotations.NullMarked;
