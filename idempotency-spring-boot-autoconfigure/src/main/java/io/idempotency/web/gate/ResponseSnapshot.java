package io.idempotency.web.gate;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A complete response that is held back.
 *
 * @param status the HTTP status
 * @param headers all headers by name, which is not case-sensitive
 * @param contentType the content type; {@code null} if there is none
 * @param body the bytes of the body
 * @param redirect whether it is sent as a redirect, so that the container may still
 * change the location
 */
public record ResponseSnapshot(int status, Map<String, List<String>> headers, @Nullable String contentType, byte[] body,
		boolean redirect) {

}
