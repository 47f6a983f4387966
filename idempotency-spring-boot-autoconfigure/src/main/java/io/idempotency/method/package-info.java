/**
 * Protection of bean methods, and of work that is passed to a template: it runs once for
 * each key.
 * <p>
 * Applications use the template, its operations and their exceptions. The other public
 * types are for other packages of this library, and may change in any release.
 */
@NullMarked
package io.idempotency.method;

import org.jspecify.annotations.NullMarked;
