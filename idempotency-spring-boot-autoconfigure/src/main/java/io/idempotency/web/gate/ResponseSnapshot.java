package io.idempotency.web.gate;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A response that is complete and held.
 *
 * @param status the HTTP status
 * @param headers all headers that it has now, by name, in whatever case
 * @param contentType the content type; {@code null} if it has none
 * @param body the bytes of the body
 * @param redirect whether it is sent as a redirect, so that the location is not final
 */
public record ResponseSnapshot(int status, Map<String, List<String>> headers, @Nullable String contentType, byte[] body,
		boolean redirect) {

}
