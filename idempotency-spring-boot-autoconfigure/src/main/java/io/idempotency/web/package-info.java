/**
 * API of the protection of HTTP requests: the properties, the refusals, and the
 * strategies that resolve the key, the scope and the fingerprint of a request. It does
 * not depend on the Servlet API.
 * <p>
 * {@code ProtectedHandlers}, {@code ProtectedMethods} and {@code RecordLocator} are for
 * other packages of this library, and may change in any release.
 */
@NullMarked
package io.idempotency.web;

import org.jspecify.annotations.NullMarked;
